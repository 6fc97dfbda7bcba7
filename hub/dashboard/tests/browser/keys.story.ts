/** What one does to a conversation without a mouse, and where one goes. */
import { describe, expect, it } from "vitest";
import { desks } from "./page";

const desk = desks();

describe("by key", () => {
  it("a conversation goes to the archive, to spam, into the trash and back, each with its undo", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.waitForSelector(".sb-message");
    const place = (id: string) => hub.rows.get(id)?.place;
    for (const [key, to] of [
      ["y", "archived"],
      ["!", "spam"],
      ["Delete", "trash"],
    ] as const) {
      await page.waitForSelector('.sb-row--selected[href*="C900"]');
      await page.keyboard.press(key);
      await expect.poll(() => place("C900")).toBe(to);
      await page.keyboard.press("z");
      await expect.poll(() => place("C900")).toBe("inbox");
    }
    await page.keyboard.press("y");
    await expect.poll(() => place("C900")).toBe("archived");
    await page.goto("http://dashboard.test/archived/C900");
    await page.waitForSelector(".sb-message");
    await page.keyboard.press("i");
    await expect.poll(() => place("C900")).toBe("inbox");
  });

  it("nothing happens to one that is there already, and nothing while one writes", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.waitForSelector(".sb-message");
    await page.keyboard.press("i");
    await page.locator("textarea.sb-composer__text").fill("");
    await page.locator("textarea.sb-composer__text").pressSequentially("oily!");
    expect(await page.locator("textarea.sb-composer__text").inputValue()).toBe("oily!");
    expect(hub.rows.get("C900")?.place).toBe("inbox");
    expect(await page.locator(".sb-toast").count()).toBe(0);
  });

  it("the priority is set, and one goes to a folder by its name", async () => {
    const { page, hub } = await desk("/inbox/C900");
    await page.waitForSelector(".sb-message");
    await page.keyboard.press("l");
    await page.keyboard.type("urgent");
    await page.keyboard.press("Enter");
    await expect.poll(() => hub.rows.get("C900")?.priority).toBe("urgent");
    await page.keyboard.press("o");
    await page.keyboard.type("spam");
    await page.keyboard.press("Enter");
    await expect.poll(() => new URL(page.url()).pathname).toBe("/spam");
  });

  it("each of them is among the keys, in the menu and in the palette", async () => {
    const { page } = await desk("/inbox/C900");
    await page.waitForSelector(".sb-message");
    await page.keyboard.press("?");
    for (const words of ["Archive", "Go to a folder or page", "Back to the inbox", "Emoji"])
      await page.locator(".dk-help dt", { hasText: words }).first().waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "More", exact: true }).first().click();
    expect(
      await page
        .getByRole("menuitem", { name: /Archive/u })
        .locator("kbd")
        .innerText(),
    ).toBe("Y");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("go to a folder");
    await page.getByRole("option", { name: /Go to a folder/u }).waitFor();
  });
});
