/** Emoji in an answer: by key and by mouse, in one's own language, in the field that one writes in. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { MAIL, withChannels } from "./channels";
import { desks, ORIGIN, shot } from "./page";

const desk = desks();

const field = (page: Page) => page.locator("textarea.sb-composer__text");
const find = (page: Page) => page.locator(".dk-emoji__field");
const option = (page: Page, name: string) => page.getByRole("option", { name, exact: true });

async function speaks(page: Page, language: string): Promise<void> {
  await page.evaluate((one) => localStorage.setItem("switchboard.language", one), language);
  await page.reload();
  await page.waitForSelector(".sb-message");
}

describe("an agent puts an emoji into an answer", () => {
  it("without leaving the keys: it stands where the caret was, and one writes on", async () => {
    const { page } = await desk("/inbox/C900");
    await field(page).fill("Thank you and see you");
    for (let back = 0; back < " and see you".length; back += 1) await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Control+e");
    await find(page).waitFor();
    await page.keyboard.type("red heart");
    await option(page, "red heart").waitFor();
    await shot(page, "emoji-found");
    await page.keyboard.press("Enter");
    await find(page).waitFor({ state: "detached" });
    await page.keyboard.type(",");
    expect(await field(page).inputValue()).toBe("Thank you❤️, and see you");
  });

  it("walks through all of them with the arrows, and Escape leads back into the field", async () => {
    const { page } = await desk("/inbox/C900");
    await field(page).focus();
    await page.keyboard.press("Control+e");
    await option(page, "grinning face").waitFor();
    const active = () => page.locator('.dk-emoji__one[aria-selected="true"]').getAttribute("aria-posinset");
    expect(await active()).toBe("1");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    expect(await active()).toBe("10");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowLeft");
    expect(await active()).toBe("1");
    for (let line = 0; line < 60; line += 1) await page.keyboard.press("ArrowDown");
    expect(Number(await active())).toBeGreaterThan(300);
    // Only those in sight are drawn.
    expect(await page.locator(".dk-emoji__one").count()).toBeLessThan(250);
    await page.keyboard.press("Escape");
    await find(page).waitFor({ state: "detached" });
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.matches("textarea.sb-composer__text")))
      .toBe(true);
  });

  it("finds them in their own language, and in Arabic walks from right to left", async () => {
    const { page } = await desk("/inbox/C900");
    await page.waitForSelector(".sb-message");
    await speaks(page, "nl");
    await field(page).focus();
    await page.keyboard.press("Control+e");
    await find(page).fill("huilend");
    await option(page, "huilend gezicht").waitFor();
    await speaks(page, "ar");
    await field(page).focus();
    await page.keyboard.press("Control+e");
    await option(page, "grinning face").waitFor();
    await page.keyboard.press("ArrowLeft");
    expect(await page.locator('.dk-emoji__one[aria-selected="true"]').getAttribute("aria-posinset")).toBe("2");
    const boxes = await page
      .locator(".dk-emoji__one")
      .evaluateAll((all) => all.slice(0, 2).map((one) => one.getBoundingClientRect().left));
    expect(boxes[1]).toBeLessThan(boxes[0] as number);
    await shot(page, "emoji-ar");
  });

  it("in the skin tone that they chose once; what was used last stands first", async () => {
    const { page } = await desk("/inbox/C900", undefined, { colorScheme: "dark" });
    await field(page).focus();
    await page.keyboard.press("Control+e");
    await page.getByRole("radio", { name: "Medium-dark skin" }).check({ force: true });
    await find(page).fill("waving hand");
    await option(page, "waving hand").click();
    expect(await field(page).inputValue()).toBe("👋🏾");
    await page.reload();
    await page.waitForSelector(".sb-message");
    await field(page).focus();
    await page.keyboard.press("Control+e");
    await page.getByText("Used last").waitFor();
    expect(await page.locator(".dk-emoji__one").first().textContent()).toBe("👋🏾");
    await shot(page, "emoji-dark");
  });

  it("on a telephone, whose keyboard makes the window smaller", async () => {
    const { page } = await desk("/inbox", undefined, { viewport: { width: 360, height: 740 }, hasTouch: true });
    await page.goto(`${ORIGIN}/inbox/C900`);
    await page.getByRole("button", { name: "Emoji" }).click();
    await find(page).waitFor();
    await page.setViewportSize({ width: 360, height: 420 });
    await find(page).fill("red heart");
    await option(page, "red heart").waitFor();
    const box = await page.locator(".sb-popover").boundingBox();
    expect((box?.y ?? -1) >= 0 && (box?.y ?? 0) + (box?.height ?? 999) <= 420).toBe(true);
    await shot(page, "emoji-telephone");
    await option(page, "red heart").click();
    expect(await field(page).inputValue()).toBe("❤️");
  });

  it("into a mail with formatting, and asks no other host for anything", async () => {
    const { page } = await desk(`/inbox/${MAIL}`, withChannels);
    const elsewhere: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith("http://dashboard.test/")) elsewhere.push(request.url());
    });
    await page.getByRole("button", { name: "Formatting" }).click();
    await page.locator(".dk-rich").click();
    await page.keyboard.type("Great ");
    await page.getByRole("button", { name: "Emoji" }).click();
    await find(page).fill("party popper");
    await option(page, "party popper").click();
    await expect.poll(() => page.locator(".dk-rich").innerText()).toMatch(/Great\s🎉/u);
    expect(elsewhere).toEqual([]);
  });
});
