/** What an agent may write, which follows the channel: SMS, mails, and what each does not take. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { MAIL, saysStop, TEXTS, withChannels } from "./channels";
import { desks } from "./page";

const desk = desks();

const field = (page: Page) => page.locator(".sb-composer__text");
const send = (page: Page) => page.getByRole("button", { name: "Send", exact: true });

describe("by SMS", () => {
  it("counts the messages that a text becomes, and says why fewer signs fit", async () => {
    const { page } = await desk(`/inbox/${TEXTS}`, withChannels);
    await field(page).fill("x".repeat(265));
    await page.getByText("2 messages, 41 left").waitFor();
    expect(await page.getByText("UCS-2", { exact: true }).count()).toBe(0);
    await field(page).fill("Łódź");
    await page.getByText("1 message, 66 left").waitFor();
    await page.getByText("UCS-2", { exact: true }).waitFor();
    await page.getByText("“Ł” is not in the SMS alphabet").waitFor({ state: "attached" });
  });

  it("offers no files but in a note, and holds back an answer that has some", async () => {
    const { page, hub } = await desk(`/inbox/${TEXTS}`, withChannels);
    await field(page).waitFor();
    expect(await page.getByRole("button", { name: "Add files" }).count()).toBe(0);
    await page.getByRole("button", { name: "Note", exact: true }).click();
    const file = { name: "photo.png", mimeType: "image/png", buffer: Buffer.from("picture") };
    await page.locator("input[type=file]").setInputFiles(file);
    await page.getByRole("button", { name: "Answer", exact: true }).click();
    await page.getByText("SMS takes no files here.").waitFor();
    await field(page).fill("See the photo");
    expect(await send(page).isDisabled()).toBe(true);
    await page.keyboard.press("Control+Enter");
    expect(hub.written).toEqual([]);
    await page.getByRole("button", { name: "Remove photo.png" }).click();
    await send(page).click();
    await expect.poll(() => hub.written.map(({ text }) => text)).toEqual(["See the photo"]);
  });

  it("says before sending what cannot go by MMS, sends nothing with it, and that files go as one", async () => {
    const { page, hub } = await desk(`/inbox/${TEXTS}`, (hub) => {
      withChannels(hub);
      const sms = hub.inboxes.find(({ id }) => id === "inbox-sms");
      if (sms?.carries) sms.carries = { ...sms.carries, files: 10, file_bytes: 5_000_000 };
    });
    await field(page).fill("See this");
    // The hub in memory takes every file for a text.
    const file = { name: "report.txt", mimeType: "text/plain", buffer: Buffer.from("report") };
    await page.locator("input[type=file]").setInputFiles(file);
    await page.getByText("report.txt cannot go by MMS.").waitFor();
    await expect.poll(() => send(page).isDisabled()).toBe(true);
    expect(await page.getByText("Goes as one MMS").count()).toBe(0);
    await page.getByRole("button", { name: "Remove report.txt" }).click();
    await send(page).click();
    await expect.poll(() => hub.written.map(({ text }) => text)).toEqual(["See this"]);
  });

  it("sends nothing that is too long, and keeps it", async () => {
    const { page, hub } = await desk(`/inbox/${TEXTS}`, withChannels);
    await field(page).fill("x".repeat(1603));
    await page.getByText("3 characters too many for this channel").waitFor();
    await send(page).click();
    await page.getByRole("alert").getByText("3 characters too many").waitFor();
    expect(hub.written).toEqual([]);
    expect(await field(page).inputValue()).toHaveLength(1603);
  });

  it("says at once when the customer wants no messages, and when they do again; notes go on", async () => {
    const { page, hub } = await desk(`/inbox/${TEXTS}`, withChannels);
    await field(page).fill("Buy more");
    saysStop(hub, true);
    await page.getByText("Sam Lee has asked not to be written to (STOP)").waitFor();
    await expect.poll(() => send(page).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Note", exact: true }).click();
    await page.getByRole("button", { name: "Add note" }).click();
    await expect.poll(() => hub.written.map(({ do: what }) => what)).toEqual(["note"]);
    await page.getByRole("button", { name: "Answer", exact: true }).click();
    saysStop(hub, false);
    await page.getByText("has asked not to be written to").waitFor({ state: "detached" });
    await field(page).fill("Welcome back");
    await send(page).click();
    await expect.poll(() => hub.written.length).toBe(2);
  });
});

describe("by mail", () => {
  it("shows to whom it goes and from where, and takes copies by typing, pasting and choosing", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    await page.locator(".dk-mail-to").getByText("To \u2068maria@example.nl\u2069").waitFor();
    await page.getByText("from \u2068help@shop.example\u2069").waitFor();
    await page.getByRole("button", { name: "Cc", exact: true }).click();
    await page.keyboard.type("kim@example.nl, nobody ");
    await page.getByRole("alert").getByText("“nobody” is not a mail address").waitFor();
    await field(page).fill("A new one is on its way.");
    await send(page).click();
    expect(hub.written).toEqual([]);
    await page.getByLabel("Cc", { exact: true }).focus();
    await page.keyboard.press("Backspace");
    expect(await page.getByLabel("Cc", { exact: true }).inputValue()).toBe("nobody");
    await page.getByLabel("Cc", { exact: true }).fill("");
    await page.getByRole("button", { name: "Bcc", exact: true }).click();
    const pasted = '"Visser, An" <an@example.nl>; Ben <ben@example.nl>\nkim@example.nl';
    await page.getByLabel("Bcc").evaluate((input, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, pasted);
    await page.getByRole("button", { name: "Subject", exact: true }).click();
    expect(await page.getByLabel("Subject").inputValue()).toBe("Re: Blue lamp [SB-100]");
    await page.getByLabel("Subject").fill("Your new lamp");
    await send(page).click();
    await expect.poll(() => hub.written.length).toBe(1);
    expect(hub.written[0]).toMatchObject({
      do: "reply",
      text: "A new one is on its way.",
      mail: {
        to: "maria@example.nl",
        cc: ["kim@example.nl"],
        bcc: ["an@example.nl", "ben@example.nl", "kim@example.nl"],
        subject: "Your new lamp",
      },
    });
    // The next mail is another one.
    await page.getByRole("button", { name: "Subject", exact: true }).waitFor();
    expect(await page.locator(".dk-mail-to input").count()).toBe(0);
  });

  it("keeps copies with the draft while one looks elsewhere, also before there is a text", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withChannels);
    await page.getByRole("button", { name: "Cc", exact: true }).click();
    await page.keyboard.type("kim@example.nl ");
    await page.locator(`.sb-row[href="/inbox/${TEXTS}"]`).click();
    await page.getByLabel("Answer Sam Lee").waitFor();
    await page.locator(`.sb-row[href="/inbox/${MAIL}"]`).click();
    await page.locator(".dk-addresses").getByText("kim@example.nl").waitFor();
    await page.reload();
    await page.locator(".dk-addresses").getByText("kim@example.nl").waitFor();
  });

  it("has the answers at the agent's own address for one mail, and says that they pass this conversation by", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    await page.getByRole("button", { name: "Answers to", exact: true }).click();
    await page.getByLabel("Answers to").selectOption("own");
    await page.getByText("They come to you, not into this conversation.").waitFor();
    await field(page).fill("Tell me, please.");
    await send(page).click();
    await field(page).fill("And this?");
    await send(page).click();
    await expect
      .poll(() => hub.written.map((one) => one.do === "reply" && one.mail?.answers_to))
      .toEqual(["own", undefined]);
  });

  it("offers to copy whoever was in the customer's last mail", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    hub.say(MAIL, "And my brother?", {
      mail: {
        from: { address: "maria@example.nl" },
        to: [{ address: "help+token@shop.example" }],
        cc: [{ address: "jan@example.nl" }],
        reply_to: "orders@example.nl",
        subject: "Re: Blue lamp",
        html: false,
        folded: false,
      },
    });
    await page.locator(".dk-mail-to").getByText("To \u2068orders@example.nl\u2069").waitFor();
    await page.getByRole("button", { name: "Copy \u2068jan@example.nl\u2069" }).click();
    await page.getByRole("button", { name: "Remove jan@example.nl" }).waitFor();
    expect(await page.getByRole("button", { name: /^Copy/ }).count()).toBe(0);
  });

  it("names in the field who gets it, though the customer is another", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    await page.getByLabel("Answer Maria Jansen").waitFor();
    const jan = { kind: "contact", id: "contact-jan" } as const;
    const head = { to: [{ address: "help@shop.example" }], subject: "Re: Blue lamp", html: false, folded: false };
    const from = { name: "Jan Visser", address: "jan@example.nl" };
    hub.say(MAIL, "It is me who pays.", { author: jan, mail: { ...head, from } });
    await page.getByLabel("Answer Jan Visser").waitFor();
    hub.say(MAIL, "Write to the office.", { author: jan, mail: { ...head, from, reply_to: "office@example.nl" } });
    await page.getByLabel("Answer \u2068office@example.nl\u2069").waitFor();
    hub.say(MAIL, "Here I am.", { mail: { ...head, from: { name: "Maria", address: "maria@example.nl" } } });
    await page.getByLabel("Answer Maria Jansen").waitFor();
  });

  it("keeps its place though an address is longer than it", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    const cc = [{ address: `${"a.very.long.address.".repeat(4)}wraps@subdomain.company.example` }];
    const from = { address: "maria@example.nl" };
    hub.say(MAIL, "And he?", { mail: { from, cc, subject: "Re: Blue lamp", html: false, folded: false } });
    await page.getByRole("button", { name: /^Copy/ }).waitFor();
    const hangsOver = () => page.locator(".dk-reply").evaluate((it) => it.scrollWidth - it.clientWidth);
    expect(await hangsOver()).toBe(0);
  });

  it("takes formatting by its keys and tools, and what is pasted only as far as a mail has it", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    await field(page).fill("Dear Maria,");
    await page.getByRole("button", { name: "Formatting" }).click();
    const rich = page.locator(".dk-rich");
    await rich.getByText("Dear Maria,").waitFor();
    await rich.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("a ");
    await page.keyboard.press("Control+b");
    await page.keyboard.type("new");
    await expect.poll(() => page.getByRole("button", { name: "Bold" }).getAttribute("aria-pressed")).toBe("true");
    await page.keyboard.press("Control+b");
    await page.keyboard.type(" lamp ");
    await rich.evaluate((element) => {
      const clipboardData = new DataTransfer();
      const html =
        '<p align="center">is <i class="x">free</i><img src="https://t.example/p.gif"><script>x()</script></p>' +
        '<a href="javascript:x()">now</a>';
      clipboardData.setData("text/html", html);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    await rich.locator("i", { hasText: "free" }).waitFor();
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.written.length).toBe(1);
    const [written] = hub.written;
    const { html = "" } = (written?.do === "reply" && written.mail) || {};
    expect(html).toContain("<b>new</b>");
    expect(html).toContain("<i>free</i>");
    expect(html).not.toMatch(/align|class|img|script/u);
    expect(written?.text).toContain("Dear Maria,\na new lamp is free");
    await expect.poll(async () => (await rich.innerText()).trim()).toBe("");
  });

  it("goes with spaces where spaces were typed, also beside what is bold", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    await page.getByRole("button", { name: "Formatting" }).click();
    await page.locator(".dk-rich").click();
    await page.keyboard.type("Sorry, we ");
    await page.keyboard.press("Control+b");
    await page.keyboard.type("refund ");
    await page.keyboard.press("Control+b");
    await page.keyboard.type("you today.");
    await send(page).click();
    await expect.poll(() => hub.written.length).toBe(1);
    const [sent] = hub.written;
    expect(sent?.text).toBe("Sorry, we refund you today.");
    expect(sent && "mail" in sent ? sent.mail?.html : "").toMatch(/<b>refund/);
    expect(JSON.stringify(sent)).not.toMatch(/&nbsp;|\u00a0/u);
  });

  it("makes what is marked a link, by an address that is one, and leaves the palette its key", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    await page.getByRole("button", { name: "Formatting" }).click();
    await page.locator(".dk-rich").click();
    await page.keyboard.type("your order");
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+Shift+l");
    const address = page.getByLabel("Address of the link");
    await address.fill("javascript:alert(1)");
    await page.keyboard.press("Enter");
    await page.getByText("Write the whole address").waitFor();
    await address.fill("https://shop.example/orders/1");
    await page.keyboard.press("Enter");
    await page.locator('.dk-rich a[href="https://shop.example/orders/1"]').waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Find anything" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.written.length).toBe(1);
    expect(hub.written[0]).toMatchObject({ text: "your order (https://shop.example/orders/1)" });
  });

  it("has a text beside it, with lists, quotes and links as people write them plain", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    await page.getByRole("button", { name: "Formatting" }).click();
    const rich = page.locator(".dk-rich");
    await rich.click();
    await rich.evaluate((element) => {
      const clipboardData = new DataTransfer();
      const list = "<ol><li>one</li><li>two</li></ol><ul><li>three</li></ul>";
      const rest = '<blockquote><div>You wrote</div></blockquote><p><a href="https://shop.example/">shop</a></p>';
      clipboardData.setData("text/html", `<div>See:</div>${list}${rest}`);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    // The browser hands over what is pasted a moment after the paste.
    await rich.getByText("shop").waitFor();
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.written.length).toBe(1);
    expect(hub.written[0]?.text).toBe("See:\n1. one\n2. two\n- three\n> You wrote\nshop (https://shop.example/)");
  });

  it("of nothing but lines is sent as a text", async () => {
    const { page, hub } = await desk(`/inbox/${MAIL}`, withChannels);
    await page.getByRole("button", { name: "Formatting" }).click();
    await page.locator(".dk-rich").click();
    await page.keyboard.type("One");
    await page.keyboard.press("Enter");
    await page.keyboard.type("Two");
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.written.map(({ text }) => text)).toEqual(["One\nTwo"]);
    expect(hub.written[0]).toMatchObject({ mail: { to: "maria@example.nl" } });
    expect(hub.written[0]).not.toHaveProperty("mail.html");
  });
});
