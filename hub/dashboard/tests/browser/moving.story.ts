/** Messages get another conversation by hand, in Chromium, with a hub in memory. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks } from "./page";

const desk = desks();
const WIDE = { viewport: { width: 1440, height: 800 } };
const PHONE = { viewport: { width: 360, height: 740 } };
const OPEN = "C897";
const OTHER = "C896";

/** Of a visitor nothing is split off: they have one window. */
function byTelegram(hub: FakeHub): void {
  const open = hub.rows.get(OPEN);
  if (!open) throw new Error("the workspace has it");
  hub.rows.set(OPEN, { ...open, channel: "telegram" });
}

/** Two conversations of one visitor. */
function twoOfOne(hub: FakeHub): void {
  const [open, other] = [hub.rows.get(OPEN), hub.rows.get(OTHER)];
  if (!open || !other) throw new Error("the workspace has them");
  const same = { inbox_id: open.inbox_id, channel: open.channel, contact: open.contact, identity_id: open.identity_id };
  hub.rows.set(OTHER, { ...other, ...same, subject: "The other order" });
}

async function chooses(page: Page, entry: string): Promise<void> {
  await page.getByRole("menuitem", { name: entry }).click();
}

describe("a message that stands in the wrong conversation", () => {
  it("gets one of its own, the line leads there, and undo brings it back", async () => {
    const { page, hub } = await desk(`/inbox/${OPEN}`, byTelegram, WIDE);
    hub.say(OPEN, "And do you sell lamps?");
    const thread = page.locator(".dk-thread");
    const said = thread.locator(".sb-message", { hasText: "And do you sell lamps?" });
    await said.hover();
    await said.getByRole("button", { name: "More" }).click();
    await chooses(page, "Move this and all after it");
    await thread.getByText("1 message is in").waitFor();
    await said.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Undo" }).click();
    await said.waitFor();
    expect(await thread.getByText("1 message is in").count()).toBe(0);
    await said.hover();
    await said.getByRole("button", { name: "More" }).click();
    await chooses(page, "Move this and all after it");
    await thread.locator(".sb-system", { hasText: "1 message is in" }).getByRole("link").click();
    await thread.getByText("took this out of").waitFor();
    await said.waitFor();
  });
});

describe("a message of a chat", () => {
  it("stays where its visitor reads it", async () => {
    const { page, hub } = await desk(`/inbox/${OPEN}`, twoOfOne, WIDE);
    hub.say(OPEN, "And do you sell lamps?");
    const said = page.locator(".dk-thread .sb-message", { hasText: "And do you sell lamps?" });
    await said.hover();
    expect(await said.getByRole("button", { name: "More" }).count()).toBe(0);
  });
});

describe("two conversations of one customer", () => {
  it("are merged while somebody writes in the one: what they wrote goes along", async () => {
    const { page, hub } = await desk(`/inbox/${OPEN}`, twoOfOne, WIDE);
    await page.locator(".sb-composer [contenteditable], .sb-composer textarea").first().fill("I am looking into it");
    hub.moving.answer("PUT", `/api/conversations/${OTHER}/merged/${OPEN}`, {});
    await page.getByText("This conversation was merged into").waitFor();
    await page.getByRole("button", { name: /^Open SB-/ }).click();
    await page.getByRole("heading", { name: "The other order" }).waitFor();
    const field = page.locator(".sb-composer [contenteditable], .sb-composer textarea").first();
    await expect
      .poll(() => field.evaluate((it) => (it as HTMLTextAreaElement).value ?? it.textContent))
      .toBe("I am looking into it");
  });

  it("are merged from the menu, the one says where all of it is, and it is taken out again", async () => {
    const { page } = await desk(`/inbox/${OPEN}`, twoOfOne, WIDE);
    const thread = page.locator(".dk-thread");
    await thread.locator(".sb-message").first().waitFor();
    await page.getByRole("button", { name: "More" }).first().click();
    await chooses(page, "Merge into another conversation");
    await page.locator(".dk-picker [role=option]", { hasText: "The other order" }).click();
    await page.getByRole("heading", { name: "The other order" }).waitFor();
    await thread.getByText(/merged .* into this/).waitFor();
    await page.goBack();
    await page.getByText("This conversation was merged into").waitFor();
    expect(await page.locator(".sb-composer").count()).toBe(0);
    await page.getByRole("button", { name: "Take it out again" }).click();
    await thread.locator(".sb-message").first().waitFor();
    await page.locator(".sb-composer").waitFor();
  });

  it("are merged by the keys, on a phone's width too, and where there is no other it says so", async () => {
    const ask = async (page: Page): Promise<void> => {
      await page.locator(`.sb-row[href*="${OPEN}"]`).click();
      await page.locator(".dk-thread .sb-message").first().waitFor();
      await page.keyboard.press("Control+k");
      await page.keyboard.type("merge into another");
      await page.keyboard.press("Enter");
    };
    const { page: alone } = await desk("/inbox", undefined, PHONE);
    await ask(alone);
    await alone.getByText("This customer has no other conversation in this inbox").waitFor();
    const { page } = await desk("/inbox", twoOfOne, PHONE);
    await ask(page);
    await page.locator(".dk-picker [role=option]", { hasText: "The other order" }).waitFor();
    await page.keyboard.press("Enter");
    await page
      .locator(".dk-thread")
      .getByText(/merged .* into this/)
      .waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(360);
  });
});
