/** What keys do where something is selected, and where nothing of it is to be seen; and where the focus is afterwards. */
import type { ConversationRow } from "@switchboard/protocol";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks, shot } from "./page";

const desk = desks();

const rowIds = (page: Page) =>
  page.locator(".dk-list [data-id]").evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.id ?? ""));
const lying = (hub: FakeHub) => [...hub.rows.values()].filter((row) => row.place === "trash").map((row) => row.id);
const box = (page: Page, place: number) => page.locator(".dk-pick .sb-checkbox").nth(place);
const active = (page: Page) =>
  page.evaluate(
    () => document.activeElement?.closest<HTMLElement>("[data-id]")?.dataset.id ?? document.activeElement?.tagName,
  );

describe("keys", () => {
  it("of the bar work behind a press on a box too", async () => {
    const { page, hub } = await desk();
    const ids = await rowIds(page);
    await box(page, 0).click();
    await box(page, 1).click();
    await page.getByText("2 selected").waitFor();
    await page.keyboard.press("e");
    await page.getByText("Closed · 2 conversations").waitFor();
    expect(ids.slice(0, 2).map((id) => hub.rows.get(id)?.status)).toEqual(["closed", "closed"]);
  });

  it("change what is read in the search, not what is selected in a list that nobody sees", async () => {
    const { page, hub } = await desk();
    await page.keyboard.press("x");
    await page.keyboard.press("Shift+ArrowDown");
    await page.getByText("2 selected").waitFor();
    await page.keyboard.press("/");
    await page.getByRole("searchbox").fill("scanner");
    await page.locator(".dk-list .sb-row").first().click();
    await page.getByRole("log").waitFor();
    const read = new URL(page.url()).pathname.split("/")[2] ?? "";
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("option").first().waitFor();
    expect(await page.getByText("2 selected").count()).toBe(0);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Delete");
    await expect.poll(() => lying(hub)).toEqual([read]);
    // It waits where it was.
    await page.goBack();
    await page.goBack();
    await page.getByText("2 selected").waitFor();
  });

  it("offer nothing of it on another page", async () => {
    const { page } = await desk();
    await page.keyboard.press("x");
    await page.getByText("1 selected").waitFor();
    await page.getByRole("link", { name: "Settings" }).click();
    await page.locator(".dk-settings__page").waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").getByRole("option").first().waitFor();
    expect(await page.getByText("1 selected").count()).toBe(0);
  });

  it("that are held do it once", async () => {
    const { page, hub } = await desk();
    await page.locator(".dk-list .sb-row").first().click();
    await page.getByRole("log").waitFor();
    for (let time = 0; time < 3; time += 1) await page.keyboard.down("Delete");
    await page.keyboard.up("Delete");
    await expect.poll(() => lying(hub).length).toBe(1);
    await page.keyboard.press("z");
    await expect.poll(() => lying(hub).length).toBe(0);
    // Through the list one goes on.
    const ids = await rowIds(page);
    await page.locator(`.dk-list [data-id="${ids[0]}"] .sb-row`).click();
    for (let time = 0; time < 3; time += 1) await page.keyboard.down("j");
    await page.keyboard.up("j");
    await expect.poll(() => page.url()).toContain(ids[3]);
  });

  it("that mark more of a text select no conversations", async () => {
    const { page } = await desk("/inbox/C900");
    const text = page.locator(".sb-message__text").first();
    await text.waitFor();
    await text.selectText();
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowUp");
    expect(await page.locator(".dk-many").count()).toBe(0);
  });

  it("selects nothing by a key that is not in the list", async () => {
    const { page } = await desk("/trash/C900", (hub) => {
      hub.rows.set("C899", { ...(hub.rows.get("C899") as ConversationRow), place: "trash" });
    });
    await page.getByRole("log").waitFor();
    await page.keyboard.press("x");
    expect(await page.locator(".dk-many").count()).toBe(0);
  });
});

describe("the focus", () => {
  it("is on the row that was first, when the bar goes", async () => {
    const { page } = await desk();
    const ids = await rowIds(page);
    await box(page, 2).click();
    await box(page, 3).click();
    await page.getByRole("button", { name: "Select nothing" }).click();
    await expect.poll(() => active(page)).toBe(ids[2]);
  });

  it("is on the row in the place of those that went, by key or by the bar", async () => {
    const { page } = await desk();
    const ids = await rowIds(page);
    await page.locator(".dk-list .sb-row").nth(1).focus();
    await page.keyboard.press("x");
    await page.keyboard.press("e");
    await expect.poll(() => active(page)).toBe(ids[2]);
    await page.keyboard.press("Shift+ArrowDown");
    await page.getByText("2 selected").waitFor();
    await page.locator(".dk-many").getByRole("button", { name: "Close", exact: true }).click();
    await expect.poll(() => active(page)).toBe(ids[4]);
    await shot(page, "focus-after-many");
  });
});

describe("what many get", () => {
  it("is taken back before the hub has answered, and not what was done before it", async () => {
    const { page, hub } = await desk();
    const ids = await rowIds(page);
    await page.locator(".dk-list .sb-row").first().click();
    await page.keyboard.press("e");
    await expect.poll(() => hub.rows.get(ids[0] ?? "")?.status).toBe("closed");
    let answer = (): void => undefined;
    const held = new Promise<void>((done) => {
      answer = done;
    });
    await page.route("**/api/conversations/changes", async (route) => {
      await held;
      await route.fallback();
    });
    await page.locator(".dk-list .sb-row").nth(1).focus();
    await page.keyboard.press("x");
    await page.keyboard.press("f");
    await page.keyboard.press("z");
    answer();
    await expect.poll(() => hub.undone).toBe(1);
    expect(hub.rows.get(ids[0] ?? "")?.status).toBe("closed");
    expect(await page.getByText("Flagged ·").count()).toBe(0);
  });

  it("was refused: what had given room is open again", async () => {
    const { page } = await desk();
    const ids = await rowIds(page);
    await page.locator(".dk-list .sb-row").first().click();
    await page.getByRole("log").waitFor();
    await page.route("**/api/conversations/changes", (route) =>
      route.fulfill({ status: 503, json: { code: "unavailable", message: "" } }),
    );
    await page.keyboard.press("x");
    await page.keyboard.press("y");
    await page.locator(".sb-toast").waitFor();
    await expect.poll(() => page.url()).toContain(ids[0]);
    await expect.poll(async () => (await rowIds(page))[0]).toBe(ids[0]);
  });
});
