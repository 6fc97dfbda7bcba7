/** What narrows a list, and the views that keep it, in Chromium, with a hub in memory. */
import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { desks, stories } from "./page";

const desk = desks();
const comes = stories();
const shots = process.env.SHOTS;

async function shot(page: Page, name: string): Promise<void> {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}/${name}.png` });
}

const names = (page: Page) => page.locator(".dk-list .sb-row__name").allTextContents();

describe("filters", () => {
  it("narrow the list, stand in the address, and are taken away by their chips", async () => {
    const { page, hub } = await desk();
    const [first] = [...hub.rows.values()].filter((row) => row.status === "open" && row.place === "inbox");
    if (!first) throw new Error("the workspace has an open conversation");
    const before = await names(page);
    await page.getByRole("button", { name: "Filter and sort" }).click();
    // Letter by letter: none of them is a key of the page.
    await page.getByLabel("Tag", { exact: true }).pressSequentially("season");
    await page.getByLabel("Tag", { exact: true }).press("Enter");
    await page.getByText("Nothing matches the filter").waitFor();
    // One that gets it comes in by the event alone.
    hub.change(first.id, { tags: ["season"] });
    await expect.poll(() => names(page)).toHaveLength(1);
    await page.getByLabel("Flag", { exact: true }).selectOption("Not flagged");
    await page.getByLabel("Last written: from").focus();
    await page.keyboard.type("02032020");
    expect(await page.getByLabel("Last written: from").inputValue()).toBe("2020-02-03");
    expect(new URL(page.url()).searchParams.get("tag")).toBe("season");
    expect(new URL(page.url()).searchParams.get("flagged")).toBe("false");
    await shot(page, "filters");
    await page.reload();
    await page.getByText("Tag: season").waitFor();
    await expect.poll(() => names(page)).toHaveLength(1);
    await page.getByRole("button", { name: "Remove Tag: season" }).click();
    await page.getByRole("button", { name: "Remove Not flagged" }).click();
    await page.getByRole("button", { name: /^Remove Last written from/ }).click();
    await expect.poll(() => names(page)).toEqual(before);
  });

  it("read all of a list at once, and take that back", async () => {
    const { page, hub } = await desk();
    const unread = () => [...hub.rows.values()].filter((row) => row.last_in_number > row.read_number).length;
    const before = unread();
    await page.getByRole("button", { name: "Mark all as read" }).click();
    await expect.poll(unread).toBeLessThan(before);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(unread).toBe(before);
  });
});

describe("views", () => {
  it("keep a list under a name, in an order, and come back when they were removed", async () => {
    const { page, hub } = await desk();
    hub.views.has("All of the team", { folder: "inbox", sort: "waiting", flagged: true }, true);
    hub.push({ event: "views_changed" });
    await page.getByRole("link", { name: /All of the team/ }).click();
    await page.getByRole("heading", { name: "All of the team" }).waitFor();
    for (const [name, value] of [
      ["VIP", "tag"],
      ["Urgent ones", "priority"],
    ] as const) {
      await page
        .getByRole("link", { name: /^Inbox/ })
        .first()
        .click();
      if (!(await page.getByLabel("Tag", { exact: true }).isVisible()))
        await page.getByRole("button", { name: "Filter and sort" }).click();
      if (value === "tag") {
        await page.getByLabel("Tag", { exact: true }).fill("vip");
        await page.getByLabel("Tag", { exact: true }).press("Enter");
      } else await page.getByLabel("Priority", { exact: true }).selectOption("Urgent");
      await page.getByRole("button", { name: "Save as a view" }).click();
      await page.getByRole("dialog").getByLabel("Name").fill(name);
      await shot(page, `save-${value}`);
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await page.getByRole("heading", { name }).waitFor();
    }
    const order = () => page.locator(".dk-view .dk-cut").allTextContents();
    await expect.poll(order).toEqual(["All of the team", "VIP", "Urgent ones"]);
    await page.getByRole("button", { name: "More for VIP" }).click();
    await shot(page, "menu");
    await page.getByRole("menuitem", { name: "Move down" }).click();
    await expect.poll(order).toEqual(["All of the team", "Urgent ones", "VIP"]);
    await page.getByRole("button", { name: "More for VIP" }).click();
    await page.getByRole("menuitem", { name: "Remove" }).click();
    await expect.poll(order).toEqual(["All of the team", "Urgent ones"]);
    await page.getByRole("button", { name: "Undo" }).click();
    await expect.poll(order).toEqual(["All of the team", "Urgent ones", "VIP"]);
    await page.keyboard.press("o");
    await page.keyboard.type("vip");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "VIP" }).waitFor();
    expect(new URL(page.url()).searchParams.get("tag")).toBe("vip");
  });
});

describe("what is put away", () => {
  it("is kept for as long as an admin says", async () => {
    const { page } = await comes("/settings/retention", (hub) => {
      hub.signedIn = true;
    });
    await page.getByLabel("After so many days").first().fill("90");
    await page.getByLabel("Empty it by itself").nth(1).click();
    await shot(page, "retention");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    expect(await page.getByLabel("After so many days").count()).toBe(1);
  });
});
