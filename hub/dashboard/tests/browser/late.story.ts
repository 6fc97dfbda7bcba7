/** Parts of the page that are loaded when they are first opened, and do not come. */
import type { Page } from "playwright-core";
import { describe, it } from "vitest";
import { desks, ORIGIN, shot } from "./page";

const desk = desks();

/** Files of that name do not come, until they do. */
async function without(page: Page, name: string): Promise<() => Promise<void>> {
  const pattern = `**/assets/${name}-*.js`;
  await page.route(pattern, (route) => route.abort());
  return () => page.unroute(pattern);
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
