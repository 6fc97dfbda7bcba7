/** Parts of the page that are loaded when they are first opened, and do not come. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { desks, ORIGIN, shot } from "./page";

const desk = desks();

/** Files of that name do not come, until they do. */
async function without(page: Page, name: string): Promise<() => Promise<void>> {
  const pattern = `**/assets/${name}-*.js`;
  await page.route(pattern, (route) => route.abort());
  return () => page.unroute(pattern);
}

/** Files of that name are on their way, until they are let come. */
async function slow(page: Page, name: string): Promise<() => void> {
  let come = (): void => {};
  const there = new Promise<void>((resolve) => {
    come = resolve;
  });
  await page.route(`**/assets/${name}-*.js`, async (route) => {
    await there;
    await route.fallback();
  });
  return () => come();
}

const bell = (page: Page) => page.getByRole("button", { name: /^Notifications/ });
const LOST = "This could not be loaded. You may be offline";

describe("a part that does not come", () => {
  it("over the page says so and goes; the next press asks again", async () => {
    const { page } = await desk();
    const come = await without(page, "list");
    await bell(page).click();
    await page.getByText(LOST).waitFor();
    await shot(page, "late-over");
    await page.keyboard.press("x");
    await page.getByText("1 selected").waitFor();
    await come();
    await bell(page).click();
    await page.getByText("Nothing new for you").waitFor();
  });

  it("in the place of the page has its reason there, and a way to ask again", async () => {
    const { page } = await desk("/inbox", undefined, { colorScheme: "dark" });
    const come = await without(page, "pulse");
    await page.goto(`${ORIGIN}/pulse`);
    await page.getByText(LOST).waitFor();
    await page.getByRole("button", { name: "Reload the page" }).waitFor();
    await shot(page, "late-page-dark");
    await come();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "The team now" }).waitFor();
  });

  it("in a field that floats too", async () => {
    const { page } = await desk("/inbox/C900");
    const come = await without(page, "picker");
    await page.locator("textarea.sb-composer__text").focus();
    await page.keyboard.press("Control+e");
    await page.getByText(LOST).waitFor();
    await shot(page, "late-emoji");
    await come();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.locator(".dk-emoji__field").waitFor();
  });
});

describe("what is typed for a part that is still on its way", () => {
  it("is that part's when it comes, Enter included", async () => {
    const { page } = await desk();
    const come = await slow(page, "commanding");
    await page.keyboard.press("o");
    await page.keyboard.type("spam");
    await page.keyboard.press("Enter");
    come();
    await page.waitForURL(/\/spam/);
  });

  it("is nobody's when that part was left", async () => {
    const { page } = await desk("/inbox/C900");
    const come = await slow(page, "seldom");
    await page.keyboard.press("c");
    await page.keyboard.type("bob");
    come();
    await page.getByRole("dialog", { name: "New conversation" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("a");
    const assign = page.getByRole("combobox");
    await assign.waitFor();
    expect(await assign.inputValue()).toBe("");
  });

  it("is not waited for by who pressed Escape", async () => {
    const { page } = await desk("/inbox/C900");
    const come = await slow(page, "seldom");
    await page.keyboard.press("?");
    await page.keyboard.press("Escape");
    come();
    await page.keyboard.press("a");
    await page.getByRole("combobox").waitFor();
    expect(await page.getByRole("dialog").count()).toBe(1);
  });
});
