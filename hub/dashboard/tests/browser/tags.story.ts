/** The tags of the house: their colours, and one put in the place of another. */
import { describe, expect, it } from "vitest";
import type { FakeHub } from "./fake-hub";
import { desks, shot, stories } from "./page";

const desk = desks();
const comes = stories();
const signedIn = (hub: FakeHub): void => {
  hub.signedIn = true;
};

describe("tags", () => {
  it("have a colour wherever they stand, at once on each screen", async () => {
    const { page, hub } = await desk("/inbox");
    const tag = page.locator(".sb-row .sb-tag", { hasText: "delivery" }).first();
    await tag.waitFor();
    expect(await tag.getAttribute("class")).toContain("sb-tag--neutral");
    hub.tags.answer("PUT", "", { name: "delivery", colour: "green" });
    await expect.poll(() => tag.getAttribute("class")).toContain("sb-tag--success");
    await shot(page, "tags-in-list");
  });

  it("are renamed, and merged into one that there is, on as many conversations as have them", async () => {
    const { page, hub } = await comes("/settings/tags", (hub) => {
      signedIn(hub);
      hub.tags.atOnce = 1;
    });
    const thing = (name: string) => page.locator(".dk-thing", { hasText: name });
    await thing("delivery").getByRole("button", { name: "Edit delivery" }).click();
    await shot(page, "tags-settings");
    await page.getByLabel("Name").fill("order");
    await page.getByText("There is a tag order already").waitFor();
    await page.getByRole("button", { name: "Merge" }).click();
    await expect.poll(() => thing("delivery").count()).toBe(0);
    expect([...hub.rows.values()].some((one) => one.tags.includes("delivery"))).toBe(false);
    await thing("order").getByRole("button", { name: "Edit order" }).click();
    await page.getByLabel("Colour").selectOption("violet");
    await page.getByRole("button", { name: "Save" }).click();
    await expect.poll(() => hub.tags.colours.get("order")).toBe("violet");
  });

  it("are taken off everything, once that is said twice", async () => {
    const { page, hub } = await comes("/settings/tags", signedIn);
    await page.getByRole("button", { name: "Edit bug" }).click();
    await page.getByRole("button", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await expect.poll(() => page.locator(".dk-thing", { hasText: "bug" }).count()).toBe(0);
    expect([...hub.rows.values()].some((one) => one.tags.includes("bug"))).toBe(false);
  });
});
