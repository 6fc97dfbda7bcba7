/** What an agent does to many conversations at once, in Chromium, with a hub in memory. */
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { desks } from "./page";

const desk = desks();

const names = (page: Page) => page.locator(".dk-list .sb-row__name").allTextContents();
const shots = process.env.SHOTS;

async function shot(page: Page, name: string): Promise<void> {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}/${name}.png` });
}

describe("many at once", () => {
  it("selects by the keyboard, closes them together, and takes that back", async () => {
    const { page, hub } = await desk();
    const before = await names(page);
    await page.keyboard.press("x");
    await page.getByText("1 selected").waitFor();
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowDown");
    await page.getByText("3 selected").waitFor();
    await shot(page, "three");
    await page.keyboard.press("e");
    await page.getByText("Closed · 3 conversations").waitFor();
    await expect.poll(async () => (await names(page)).slice(0, 5)).toEqual(before.slice(3, 8));
    expect([...hub.rows.values()].filter((row) => row.status === "closed").length).toBeGreaterThanOrEqual(3);
    await shot(page, "undo");
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(() => names(page)).toEqual(before);
  });

  it("selects through to the row that is pressed with Shift, all that are shown, and none", async () => {
    const { page } = await desk();
    const rows = page.locator(".dk-list .sb-row");
    const count = await page.locator(".dk-list [data-row]").first().getAttribute("aria-setsize");
    const first = await rows.first().boundingBox();
    await page.locator(".dk-list [data-row]").first().hover();
    expect(await rows.first().boundingBox()).toEqual(first);
    await page.locator(".dk-pick .sb-checkbox").first().click();
    await rows.nth(3).click({ modifiers: ["Shift"] });
    await page.getByText("4 selected").waitFor();
    // The list stands where it stood.
    expect(await rows.first().boundingBox()).toEqual(first);
    await rows.nth(1).focus();
    await page.keyboard.press("Control+a");
    await page.getByText(`${count} selected`).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText(`${count} selected`).waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "Inbox", exact: true }).waitFor();
  });

  it("keeps what is selected while others write, and says when one of them leaves", async () => {
    const { page, hub } = await desk();
    const ids = await page
      .locator(".dk-list [data-id]")
      .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.id ?? ""));
    for (const place of [0, 1, 2]) await page.locator(".dk-pick .sb-checkbox").nth(place).click();
    hub.say(ids[2] as string, "One more thing");
    await page.getByText("3 selected").waitFor();
    // Nothing is held: the pointer has rested.
    await page.mouse.move(900, 700);
    hub.push({
      event: "conversation_changed",
      conversation_id: ids[0] as string,
      by: { kind: "agent", id: "agent-ben" },
      patch: { status: "closed" },
      lines: [],
    });
    await page.getByText("1 has left the list").waitFor();
    await page.getByText("2 selected").waitFor();
    await shot(page, "left");
  });

  it("says of how many it was refused, and shows them again", async () => {
    const { page, hub } = await desk();
    const id = (await page.locator(".dk-list [data-id]").first().getAttribute("data-id")) as string;
    hub.leaves.add(id);
    for (const place of [0, 1]) await page.locator(".dk-pick .sb-checkbox").nth(place).click();
    await page.getByRole("button", { name: "More" }).first().click();
    await shot(page, "menu");
    await page.getByRole("menuitem", { name: "Archive" }).click();
    await page.getByText("Moved to the archive · 1 conversation").waitFor();
    await page.getByText("1 conversation was left as it is.").waitFor();
    await page.locator(`.dk-list [data-id="${id}"]`).waitFor();
  });

  it("gives all of them to somebody by the palette", async () => {
    const { page, hub } = await desk();
    for (const place of [0, 1]) await page.locator(".dk-pick .sb-checkbox").nth(place).click();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByText("Assign to").first().waitFor();
    await shot(page, "palette");
    await page.getByRole("dialog").getByText("Assign to").first().click();
    await page.getByRole("dialog").getByText("Ben Okafor").click();
    await page.getByText("Given to Ben Okafor · 2 conversations").waitFor();
    expect([...hub.rows.values()].filter((row) => row.assignees[0] === "agent-ben").length).toBeGreaterThanOrEqual(2);
  });

  it("deletes forever what lies in the trash, after one question", async () => {
    const { page, hub } = await desk("/inbox");
    for (const place of [0, 1, 2, 3, 4]) await page.locator(".dk-pick .sb-checkbox").nth(place).click();
    await page.getByRole("button", { name: "More" }).first().click();
    await page.getByRole("menuitem", { name: "Trash" }).click();
    await page.getByText("Moved to the trash · 5 conversations").waitFor();
    await page.getByRole("link", { name: "Trash" }).click();
    await page.locator(".dk-pick .sb-checkbox").first().click();
    await page.getByRole("button", { name: "More" }).first().click();
    await page.getByRole("menuitem", { name: "Delete forever" }).click();
    await page.getByRole("dialog", { name: "Delete 1 conversation forever?" }).waitFor();
    await shot(page, "forever");
    const lying = () => [...hub.rows.values()].filter((row) => row.place === "trash").length;
    const before = lying();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(lying()).toBe(before);
    await page.getByRole("button", { name: "More" }).first().click();
    await page.getByRole("menuitem", { name: "Delete forever" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete forever" }).click();
    await page.getByText("1 conversation was deleted forever.").waitFor();
    await page.getByRole("button", { name: "Empty the trash" }).click();
    await page
      .getByRole("dialog", { name: "Empty the trash?" })
      .getByRole("button", { name: "Delete forever" })
      .click();
    await page.getByText(`${before - 1} conversations were deleted forever.`).waitFor();
    await page.getByText("The trash is empty").waitFor();
    expect(lying()).toBe(0);
  });

  it("says how many are gone forever when it fails midway, and leaves the others where they are", async () => {
    const { page, hub } = await desk("/trash", (one) => {
      for (const id of ["C900", "C899", "C898"]) {
        const row = one.rows.get(id);
        if (row) one.rows.set(id, { ...row, place: "trash" });
      }
    });
    let asked = 0;
    await page.route("**/api/folders/trash/emptied", (route) => {
      asked += 1;
      return asked === 1
        ? route.fallback()
        : route.fulfill({ status: 503, json: { code: "unavailable", message: "" } });
    });
    await page.keyboard.press("Control+k");
    await page.keyboard.type("empty the trash");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByRole("button", { name: "Delete forever" }).click();
    await page.getByText("2 conversations were deleted forever.").waitFor();
    await page.locator(".sb-toast--danger").waitFor();
    await expect.poll(() => names(page)).toHaveLength(1);
    expect([...hub.rows.values()].filter((row) => row.place === "trash")).toHaveLength(1);
  });

  it("offers in the palette what the keys do, and opens again what is closed", async () => {
    const { page, hub } = await desk("/closed", (one) => {
      const row = one.rows.get("C900");
      if (row) one.rows.set("C900", { ...row, status: "closed" });
    });
    await page.keyboard.press("x");
    await page.getByText("1 selected").waitFor();
    await page.keyboard.press("Control+k");
    const offered = page.getByRole("dialog").getByRole("option");
    for (const words of ["Assign to me", "Priority", "Archive", "Trash"])
      await offered.filter({ hasText: words }).first().waitFor();
    await offered.filter({ hasText: "Open again" }).first().click();
    await page.getByText("Open again · 1 conversation").waitFor();
    expect([...hub.rows.values()].filter((row) => row.status === "closed").length).toBeLessThan(9);
  });

  it("lets go of what somebody else deletes forever while it is open", async () => {
    const { page, hub } = await desk();
    const row = page.locator(".dk-list [data-id]").first();
    const id = (await row.getAttribute("data-id")) as string;
    await row.locator(".sb-row").click();
    await page.getByRole("log").waitFor();
    hub.rows.delete(id);
    hub.push({ event: "conversation_removed", conversation_id: id });
    await page.locator(`.dk-list [data-id="${id}"]`).waitFor({ state: "detached" });
    await page.getByText("The conversation that was open was deleted forever.").waitFor();
    await page.getByText("Choose a conversation").waitFor();
    await shot(page, "removed-while-open");
  });

  it("has room for it on a telephone, where a press on the face selects", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page } = await desk("/inbox", undefined, {
        viewport: { width: 360, height: 740 },
        hasTouch: true,
        colorScheme,
      });
      await page.locator(".dk-pick .sb-checkbox").first().tap();
      await page.locator(".dk-pick .sb-checkbox").nth(2).tap();
      await page.getByText("2 selected").waitFor();
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBeLessThanOrEqual(360);
      await shot(page, `telephone-${colorScheme}`);
    }
  });
});
