/** Writing first: to one customer, to somebody new, to several, and what comes of it. */
import type { Inbox } from "@switchboard/protocol";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { CHAT } from "../../src/desk/carries";
import { withChannels } from "./channels";
import { desks } from "./page";

const desk = desks();

const dialog = (page: Page) => page.getByRole("dialog", { name: "New conversation" });
const to = (page: Page) => dialog(page).getByRole("combobox", { name: "To", exact: true });
const send = (page: Page) => dialog(page).getByRole("button", { name: "Send", exact: true });

describe("a new conversation", () => {
  it("is begun by key with a customer who is found, and opens", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    await page.keyboard.press("c");
    await expect.poll(() => to(page).evaluate((field) => field === document.activeElement)).toBe(true);
    await dialog(page).getByLabel("From").selectOption("inbox-email");
    await to(page).fill("camille");
    await page.getByRole("option", { name: "Camille Laurent" }).waitFor();
    await dialog(page).getByText("there customers write first").waitFor();
    await to(page).press("Enter");
    await dialog(page).getByLabel("Subject").fill("Your chair");
    await dialog(page).getByLabel("Write the message").fill("It has come.");
    await page.keyboard.press("Control+Enter");
    await page.getByRole("log").getByText("It has come.").waitFor();
    expect(await dialog(page).count()).toBe(0);
    expect(hub.begun).toHaveLength(1);
    expect(hub.begun[0]).toMatchObject({
      inbox_id: "inbox-email",
      text: "It has come.",
      mail: { subject: "Your chair" },
      to: [{ kind: "contact" }],
    });
  });

  it("goes to whatever a gateway calls people", async () => {
    const { page, hub } = await desk("/inbox", (hub) => {
      withChannels(hub);
      const place = hub.inboxes.findIndex(({ channel }) => channel === "gateway");
      const gateway = hub.inboxes[place] as Inbox;
      hub.inboxes[place] = { ...gateway, carries: { ...CHAT, writes_first: true } };
    });
    await page.keyboard.press("c");
    await dialog(page).getByLabel("From").selectOption("inbox-gateway");
    await dialog(page).getByText("what this gateway calls them").waitFor();
    await to(page).fill("whoever-42");
    await page.getByRole("option", { name: "whoever-42" }).waitFor();
    await to(page).press("Enter");
    // What stands there when one goes on to the text is meant as well.
    await to(page).fill("@nadia_gw");
    await dialog(page).getByLabel("Write the message").fill("Your lamp is ready.");
    await send(page).click();
    const addresses = ["whoever-42", "@nadia_gw"].map((address) => ({ kind: "address", address }));
    await expect.poll(() => hub.begun[0]?.to).toEqual(addresses);
  });

  it("is still there after a reload, with whom it goes to", async () => {
    const { page } = await desk("/inbox", withChannels);
    await page.keyboard.press("c");
    await dialog(page).getByLabel("From").selectOption("inbox-email");
    await to(page).fill("sam@example.com");
    await to(page).press("Enter");
    await dialog(page).getByLabel("Subject").fill("Your chair");
    await dialog(page).getByLabel("Write the message").fill("It has come.");
    await page.reload();
    await page.waitForSelector(".sb-row");
    await page.keyboard.press("c");
    await dialog(page).getByText("sam@example.com", { exact: true }).waitFor();
    expect(await dialog(page).getByLabel("Subject").inputValue()).toBe("Your chair");
    expect(await dialog(page).getByLabel("Write the message").inputValue()).toBe("It has come.");
    expect(await dialog(page).getByLabel("From").inputValue()).toBe("inbox-email");
  });

  it("goes to somebody new by name and address, and says what is missing before it goes", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    await page.getByRole("button", { name: "New conversation" }).click();
    await dialog(page).getByLabel("From").selectOption("inbox-email");
    await dialog(page).getByLabel("Write the message").fill("Hello");
    await send(page).click();
    await dialog(page).getByText("Choose somebody to write to.").waitFor();
    await to(page).fill("Sam Lee <sam@example.com>");
    await page.getByRole("option", { name: "Write to Sam Lee <sam@example.com>" }).click();
    await send(page).click();
    await dialog(page).getByText("A mail needs a subject.").waitFor();
    await dialog(page).getByLabel("Subject").fill("Hello");
    await send(page).click();
    await page.getByRole("log").getByText("Hello").waitFor();
    expect(hub.begun[0]?.to).toEqual([{ kind: "address", address: "sam@example.com", name: "Sam Lee" }]);
  });

  it("is one for each of several, and names those who could not be written to", async () => {
    const { page, hub } = await desk("/inbox", (hub) => {
      withChannels(hub);
      hub.stopped.add("+31622222222");
    });
    await page.keyboard.press("c");
    await dialog(page).getByLabel("From").selectOption("inbox-sms");
    await to(page).evaluate((input) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "+31611111111, +31622222222\n+31633333333");
      input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    await dialog(page).getByText("3 conversations begin, one for each.").waitFor();
    await dialog(page).getByLabel("Write the message").fill("We move.");
    await dialog(page).getByText("1 message, 152 left").waitFor();
    await send(page).click();
    const said = dialog(page).getByRole("alert");
    await said.getByText("2 conversations started. +31622222222 has asked not to be written to.").waitFor();
    expect(
      await dialog(page)
        .getByRole("button", { name: /^Remove \+/ })
        .count(),
    ).toBe(1);
    await dialog(page).getByRole("button", { name: "Remove +31622222222" }).click();
    await to(page).fill("+31644444444");
    await page.keyboard.press("Enter");
    await to(page).fill("+31655555555");
    await page.keyboard.press("Enter");
    await send(page).click();
    await page.getByText("2 conversations started.").waitFor();
    expect(await dialog(page).count()).toBe(0);
    expect(hub.begun.map((one) => one.to.length)).toEqual([3, 2]);
    expect(hub.begun[0]).not.toHaveProperty("mail");
  });

  it("takes what is left typed as somebody, marks what is no address there, and goes to nobody before it is gone", async () => {
    const { page, hub } = await desk("/inbox", withChannels);
    const marked = dialog(page).locator(".dk-start__field .sb-tag--danger");
    await page.keyboard.press("c");
    await dialog(page).getByLabel("From").selectOption("inbox-email");
    await to(page).evaluate((input) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "an@example.nl ben@example.nl, 0612345678; bob@exam ple");
      input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    expect(await marked.allTextContents()).toEqual(["0612345678", "bob@exam ple"]);
    await to(page).fill("rubbish");
    await dialog(page).getByLabel("Subject").fill("We move");
    await dialog(page).getByLabel("Write the message").fill("We move.");
    expect(await marked.allTextContents()).toEqual(["0612345678", "bob@exam ple", "rubbish"]);
    await send(page).click();
    await dialog(page).getByRole("alert").getByText("“0612345678” is no address of this channel.").last().waitFor();
    expect(hub.begun).toEqual([]);
    // It goes back into the field, to be corrected.
    await to(page).press("Backspace");
    expect(await to(page).inputValue()).toBe("rubbish");
    await to(page).fill("");
    await to(page).press("Backspace");
    await to(page).fill("");
    await dialog(page).getByRole("button", { name: "Remove 0612345678" }).click();
    expect(await marked.count()).toBe(0);
    await dialog(page).getByLabel("From").selectOption("inbox-sms");
    expect(await marked.allTextContents()).toEqual(["an@example.nl", "ben@example.nl"]);
    await send(page).click();
    await dialog(page).getByRole("alert").getByText("“an@example.nl” is no address of this channel.").last().waitFor();
    expect(hub.begun).toEqual([]);
    await dialog(page).getByLabel("From").selectOption("inbox-email");
    await send(page).click();
    await page.getByText("2 conversations started.").waitFor();
    expect(hub.begun).toMatchObject([{ to: [{ address: "an@example.nl" }, { address: "ben@example.nl" }] }]);
  });

  it("keeps what was written when the dialog is closed, and when the hub cannot be reached", async () => {
    const { page, hub, offline } = await desk("/inbox", withChannels);
    await page.keyboard.press("c");
    await dialog(page).getByLabel("From").selectOption("inbox-sms");
    await to(page).fill("+31611111111");
    await page.keyboard.press("Enter");
    await dialog(page).getByLabel("Write the message").fill("We move.");
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    await page.keyboard.press("c");
    await dialog(page).getByRole("button", { name: "Remove +31611111111" }).waitFor();
    await offline(true);
    await send(page).click();
    await dialog(page).getByText("The hub cannot be reached.").waitFor();
    expect(await dialog(page).getByLabel("Write the message").inputValue()).toBe("We move.");
    await offline(false);
    await send(page).click();
    await expect.poll(() => hub.begun.length).toBe(1);
  });

  it("is not offered where nothing can be begun, nor to who only reads", async () => {
    const { page } = await desk("/inbox");
    await page.keyboard.press("c");
    await dialog(page).getByText("None of your inboxes can write first").waitFor();
    await page.keyboard.press("Escape");
    const reader = await desk("/inbox", (hub) => Object.assign(hub.me, { role: "read_only" }));
    await reader.page.keyboard.press("c");
    expect(await dialog(reader.page).count()).toBe(0);
    expect(await reader.page.getByRole("button", { name: "New conversation" }).count()).toBe(0);
  });
});
