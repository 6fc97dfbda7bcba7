/** Sending and being done with it: the answer goes, the conversation leaves, and one step takes the leaving back. */
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks, ORIGIN } from "./page";

const desk = desks();
const PICTURES = process.env.PICTURES;

const field = (page: Page) => page.locator(".sb-composer__text");
const webChat = (hub: FakeHub) =>
  [...hub.rows.values()].find(
    ({ channel, status, place }) => channel === "web" && status === "open" && place === "inbox",
  )?.id ?? "";

async function inChat(options = {}) {
  const made = await desk("/inbox", () => undefined, options);
  const id = webChat(made.hub);
  await made.page.goto(`${ORIGIN}/inbox/${id}`);
  await field(made.page).fill("Done.");
  return { ...made, id };
}

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

describe("send and close", () => {
  it("is one key, goes on to the next conversation, and comes back", async () => {
    const { page, hub, id } = await inChat();
    await page.keyboard.press("Control+Shift+Enter");
    await expect.poll(() => hub.written.map((one) => one.do === "reply" && one.after)).toEqual([{ to: "close" }]);
    await page.getByText("Sent and closed").waitFor();
    await expect.poll(() => page.url()).not.toContain(id);
    expect(hub.rows.get(id)?.status).toBe("closed");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => hub.rows.get(id)?.status).toBe("open");
    await expect.poll(() => page.url()).toContain(id);
    // What was said is said.
    expect(hub.written).toHaveLength(1);
  });

  it("stands beside the button, with when to be reminded", async () => {
    const { page, hub, id } = await inChat();
    await page.getByRole("button", { name: "More ways to send" }).click();
    await picture(page, "send-and");
    await page.getByRole("menuitem", { name: /^Tomorrow/ }).click();
    await page.getByText("Sent. Comes back").waitFor();
    const [sent] = hub.written;
    expect(sent?.do === "reply" && sent.after?.to).toBe("snooze");
    expect(hub.rows.get(id)?.snoozed_until ?? 0).toBeGreaterThan(Date.now());
  });

  it("closes nothing when nothing went out", async () => {
    const { page, hub, id } = await inChat();
    hub.say(id, "Mine.", { kind: "out", author: { kind: "agent", id: "agent-ben" }, delivery: "sent" });
    await page.keyboard.press("Control+Shift+Enter");
    await page.getByText("Mine.").last().waitFor();
    const anyway = page.getByRole("button", { name: "Send anyway" });
    await anyway.waitFor();
    expect(hub.rows.get(id)?.status).toBe("open");
    expect(page.url()).toContain(id);
    expect(await page.getByText("Sent and closed").count()).toBe(0);
    // Sent all the same, it closes as was said the first time, and is taken back like it.
    await anyway.click();
    await page.getByText("Sent and closed").waitFor();
    await expect.poll(() => page.url()).not.toContain(id);
    expect(hub.rows.get(id)?.status).toBe("closed");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => hub.rows.get(id)?.status).toBe("open");
  });

  it("offline leads nobody away from what they write when the connection is back", async () => {
    const { page, hub, id, offline } = await inChat();
    await offline(true);
    await page.getByText("You are not connected").waitFor();
    await page.keyboard.press("Control+Shift+Enter");
    await field(page).fill("And one more");
    await offline(false);
    await page.getByText("Sent and closed").waitFor({ timeout: 30_000 });
    await expect.poll(() => hub.rows.get(id)?.status).toBe("closed");
    expect(page.url()).toContain(id);
    expect(await field(page).inputValue()).toBe("And one more");
  });

  it("is not offered for a note", async () => {
    const { page, hub, id } = await inChat();
    await page.getByRole("button", { name: "Note", exact: true }).click();
    expect(await page.getByRole("button", { name: "More ways to send" }).count()).toBe(0);
    await field(page).focus();
    await page.keyboard.press("Control+Shift+Enter");
    await expect.poll(() => hub.written.map(({ do: what }) => what)).toEqual(["note"]);
    expect(hub.rows.get(id)?.status).toBe("open");
  });

  it("fits on a phone, in the dark", async () => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    const { page } = await inChat({ ...phone, colorScheme: "dark" });
    await page.getByRole("button", { name: "More ways to send" }).click();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await picture(page, "send-and-phone-dark");
  });
});
