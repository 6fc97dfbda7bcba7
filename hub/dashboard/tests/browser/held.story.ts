/** Answers that wait a moment before they go out: seen as such, and taken back with all that was written. */
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks, ORIGIN } from "./page";

const desk = desks();
const PICTURES = process.env.PICTURES;

const field = (page: Page) => page.locator(".sb-composer__text");
const held = (page: Page) => page.locator(".dk-held");
const webChat = (hub: FakeHub) => [...hub.rows.values()].find(({ channel }) => channel === "web")?.id ?? "";

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

async function holding(seconds: string, options = {}) {
  const made = await desk("/inbox", () => undefined, options);
  await made.page.evaluate((value) => localStorage.setItem("switchboard.undo-send", value), seconds);
  const id = webChat(made.hub);
  await made.page.goto(`${ORIGIN}/inbox/${id}`);
  await field(made.page).fill("Wrong words.");
  await field(made.page).focus();
  return { ...made, id };
}

describe("an answer that is held", () => {
  it("says how long, and goes out at its time", async () => {
    const { page, hub } = await holding("20");
    await page.keyboard.press("Control+Enter");
    await held(page)
      .getByText(/^Goes out in \d+ s$/)
      .waitFor();
    await page.getByText("Goes out in 20 seconds").waitFor();
    expect(hub.written.map((one) => one.do === "reply" && one.hold)).toEqual([20]);
    expect(await page.locator(".sb-said", { hasText: "Wrong words." }).count()).toBe(1);
    await picture(page, "held");
    hub.holdNoLonger();
    await held(page).waitFor({ state: "detached" });
    await page.locator(".sb-said", { hasText: "Wrong words." }).waitFor();
    expect(await page.locator(".sb-said", { hasText: "Wrong words." }).count()).toBe(1);
  });

  it("comes back into the field by Undo, before what stands there", async () => {
    const { page, hub } = await holding("10");
    await page.keyboard.press("Control+Enter");
    await held(page).waitFor();
    await page.keyboard.type("And more");
    await page.getByRole("button", { name: "Undo", exact: true }).click();
    await held(page).waitFor({ state: "detached" });
    await expect.poll(() => field(page).inputValue()).toBe("Wrong words.\n\nAnd more");
    expect(hub.held.size).toBe(0);
  });

  it("comes back by Z from another conversation, which it leads out of", async () => {
    const { page, id } = await holding("10");
    await page.keyboard.press("Control+Enter");
    await held(page).waitFor();
    await page.keyboard.press("Escape");
    await page.locator(".sb-row").nth(1).click();
    await expect.poll(() => page.url()).not.toContain(id);
    await page.locator("body").press("z");
    await expect.poll(() => page.url()).toContain(id);
    await expect.poll(() => field(page).inputValue()).toBe("Wrong words.");
  });

  it("closes its conversation only when it goes", async () => {
    const { page, hub, id } = await holding("10");
    await page.keyboard.press("Control+Shift+Enter");
    await held(page).waitFor();
    expect(hub.rows.get(id)?.status).toBe("open");
    expect(page.url()).toContain(id);
    hub.holdNoLonger();
    await held(page).waitFor({ state: "detached" });
    expect(hub.rows.get(id)?.status).toBe("closed");
  });

  it("that has gone says so to who wants it back", async () => {
    const { page, hub } = await holding("30");
    await page.keyboard.press("Control+Enter");
    await held(page).waitFor();
    hub.held.clear();
    await held(page).getByRole("button", { name: "Take back" }).click();
    await page.getByText("It has gone out already").waitFor();
    expect(await field(page).inputValue()).toBe("");
  });

  it("is not held unless somebody wants it, and shows in the dark on a phone", async () => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    const { page, hub } = await holding("30", { ...phone, colorScheme: "dark" });
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await held(page).waitFor();
    await held(page).scrollIntoViewIfNeeded();
    await picture(page, "held-phone-dark");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.goto(`${ORIGIN}/settings/profile`);
    await page.getByLabel("Hold answers before they go out").selectOption("Not at all");
    await picture(page, "held-settings-phone-dark");
    await page.goto(`${ORIGIN}/inbox/${webChat(hub)}`);
    await field(page).fill("At once.");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect.poll(() => hub.written.at(-1)).not.toHaveProperty("hold");
  });
});
