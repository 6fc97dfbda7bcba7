/** What the visitors of a web inbox are asked, set up in Chromium, with a hub in memory. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { desks, ORIGIN } from "./page";

const desk = desks();
const PICTURES = process.env.PICTURES;

async function opened() {
  const { page, hub } = await desk("/inbox");
  await page.goto(`${ORIGIN}/settings/inboxes`);
  await page.getByRole("button", { name: "Edit Shop" }).click();
  return { page, hub, part: page.locator("[data-part=asking]") };
}

const saved = (page: Page) => page.getByText("Saved").waitFor();

describe("what visitors are asked", () => {
  it("is how it was, and what there is to know before the first message", async () => {
    const { page, hub, part } = await opened();
    await part.getByLabel("Ask how it was when a conversation is closed").check();
    await part.getByLabel("Ask something before the first message").check();
    await part.getByLabel("When", { exact: true }).selectOption("away");
    await part.getByRole("button", { name: "Add a field" }).click();
    const field = part.getByRole("group", { name: "Field 3" });
    await field.getByLabel("Kind").selectOption("choice");
    await field.getByLabel("What is asked").fill("Topic");
    await field.getByLabel("Choices").fill("An order\nSomething else");
    await part.getByRole("button", { name: "Remove field 2" }).click();
    if (PICTURES) await part.screenshot({ path: `${PICTURES}/asking.png` });
    await part.getByRole("button", { name: "Save" }).click();
    await saved(page);
    const fields = [
      { kind: "name", label: "", required: true },
      { kind: "choice", label: "Topic", required: false, choices: ["An order", "Something else"] },
    ];
    await expect.poll(() => hub.webSaid).toEqual([{ ask_rating: true, before: { when: "away", fields } }]);
    expect(await part.getByText("Not saved yet").count()).toBe(0);
  });

  it("says which field is wrong and keeps what was typed, and is taken away again", async () => {
    const { page, hub, part } = await opened();
    hub.webWrong = [{ field: "web.before.fields.1.label", code: "twice", message: "This is asked already." }];
    await part.getByLabel("Ask something before the first message").check();
    await part.getByRole("group", { name: "Field 2" }).getByLabel("Kind").selectOption("name");
    await part.getByRole("button", { name: "Save" }).click();
    await part.getByRole("group", { name: "Field 2" }).getByText("This is asked already.").waitFor();
    hub.webWrong = [];
    await part.getByLabel("Ask something before the first message").uncheck();
    await part.getByRole("button", { name: "Save" }).click();
    await saved(page);
    expect(hub.webSaid.at(-1)).toEqual({ ask_rating: false, before: null });
  });

  it("stands in the thread and beside it, as soon as they have answered", async () => {
    const { page, hub } = await desk("/inbox/C900", undefined, { viewport: { width: 1440, height: 900 } });
    await page.locator(".sb-message").first().waitFor();
    expect(await page.getByText("4 of 5").count()).toBe(0);
    hub.say("C900", "", { kind: "system", line: { kind: "rated", score: 4, words: "Quick and kind" } });
    hub.push({
      event: "conversation_changed",
      conversation_id: "C900",
      patch: { rating: 4 },
      by: { kind: "system" },
      lines: [],
    });
    await page.locator(".sb-system", { hasText: "rated this 4 of 5: Quick and kind" }).waitFor();
    await page.locator(".dk-customer").getByText("4 of 5", { exact: true }).waitFor();
    if (PICTURES) await page.screenshot({ path: `${PICTURES}/rated.png` });
  });
});
