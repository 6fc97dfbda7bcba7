/** Colleagues are named in notes: picked by "@", marked in the text, and told. */
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks, ORIGIN } from "./page";

const desk = desks();
const PICTURES = process.env.PICTURES;

const field = (page: Page) => page.locator(".sb-composer__text");
const list = (page: Page) => page.getByRole("listbox", { name: "Name a colleague" });
const picked = (page: Page) => list(page).locator("[aria-selected=true] .dk-templates__name");
const webChat = (hub: FakeHub) => [...hub.rows.values()].find(({ channel }) => channel === "web")?.id ?? "";

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

async function inNote(options = {}) {
  const made = await desk("/inbox", () => undefined, options);
  await made.page.goto(`${ORIGIN}/inbox/${webChat(made.hub)}`);
  await made.page.getByRole("button", { name: "Note", exact: true }).click();
  await field(made.page).click();
  return made;
}

describe("naming a colleague", () => {
  it("is done by keys alone, and offers who can see the conversation", async () => {
    const { page, hub } = await inNote();
    await page.keyboard.type("Look, @");
    await list(page).waitFor();
    // Not oneself, and not Dina, who cannot see this inbox.
    expect(await list(page).locator(".dk-templates__name").allTextContents()).toEqual(["Ben Okafor", "Chloé Martin"]);
    await picture(page, "mentions");
    await page.keyboard.press("ArrowDown");
    expect(await picked(page).textContent()).toBe("Chloé Martin");
    await page.keyboard.type("be");
    expect(await picked(page).textContent()).toBe("Ben Okafor");
    await page.keyboard.press("Enter");
    expect(await field(page).inputValue()).toBe("Look, @Ben Okafor ");
    await list(page).waitFor({ state: "detached" });
    await page.keyboard.type("please. @chl");
    await list(page).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Control+Enter");
    await expect
      .poll(() => hub.written.map((one) => one.do === "note" && one.mentions))
      .toEqual([["agent-ben", "agent-chloe"]]);
    await expect.poll(() => page.locator(".dk-named").allTextContents()).toContain("@Ben Okafor");
    await picture(page, "mentions-sent");
  });

  it("names nobody who was written out again, and Escape leaves the list alone", async () => {
    const { page, hub } = await inNote();
    await page.keyboard.type("@ben");
    await list(page).waitFor();
    await page.keyboard.press("Escape");
    await list(page).waitFor({ state: "detached" });
    expect(await field(page).inputValue()).toBe("@ben");
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.written.length).toBe(1);
    expect(hub.written[0]).not.toHaveProperty("mentions");
  });

  it("is for notes: what goes to the customer has no list", async () => {
    const { page, hub } = await inNote();
    await page.getByRole("button", { name: "Answer", exact: true }).click();
    await field(page).click();
    await page.keyboard.type("Ask @Ben Okafor");
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.written.map(({ do: what }) => what)).toEqual(["reply"]);
    expect(await list(page).count()).toBe(0);
  });

  it("shows in the dark and on a phone", async () => {
    const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
    const { page } = await inNote({ ...phone, colorScheme: "dark" });
    await page.keyboard.type("@");
    await list(page).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await picture(page, "mentions-phone-dark");
    await list(page).getByText("Ben Okafor").click();
    expect(await field(page).inputValue()).toBe("@Ben Okafor ");
    await page.keyboard.press("Control+Enter");
    await page.locator(".dk-named").first().waitFor();
    await picture(page, "mentions-phone-dark-sent");
  });
});
