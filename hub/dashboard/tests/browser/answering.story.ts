/** Pointing at the message that one answers: by mouse, by key, by touch; and what is shown of it. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { BOT_CHAT, NUMBERS } from "./bot-chat";
import { TEXTS, withChannels } from "./channels";
import { desks, stories } from "./page";

const desk = desks();
const comes = stories();

const field = (page: Page) => page.locator("textarea.sb-composer__text");
/** By its own words: an answer has those of what it answers too. */
const message = (page: Page, words: string) =>
  page.locator(".sb-message", { has: page.locator(".sb-message__text", { hasText: words }) });
const bar = (page: Page) => page.locator(".dk-answering");
const answerThis = (page: Page, words: string) =>
  message(page, words).first().getByRole("button", { name: "Answer this message" });

describe("an agent answers one message", () => {
  it("by mouse, sees which until it is sent, and it is sent with it", async () => {
    const { page, hub } = await desk(`/inbox/${BOT_CHAT}`, withChannels);
    await message(page, "Hello, which of the lamps").hover();
    await answerThis(page, "Hello, which of the lamps").click();
    await bar(page).getByText("Hello, which of the lamps").waitFor();
    await page.keyboard.type("Both of them");
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.written.map(({ text }) => text)).toEqual(["Both of them"]);
    expect(hub.written[0]).toMatchObject({ do: "reply", answers: NUMBERS.question });
    await bar(page).waitFor({ state: "detached" });
    await message(page, "Both of them").locator(".dk-quoted").getByText("Hello, which of the lamps").waitFor();
    await page.keyboard.type("and more");
    await page.keyboard.press("Control+Enter");
    await expect.poll(() => hub.written.length).toBe(2);
    expect(hub.written[1]).not.toHaveProperty("answers");
  });

  it("by key the customer's last one, may drop it, and a note answers none", async () => {
    const { page, hub } = await desk(`/inbox/${BOT_CHAT}`, withChannels);
    await message(page, "Fjord too").waitFor();
    await page.keyboard.press("q");
    await bar(page).getByText("Forget the other one").waitFor();
    await page.keyboard.type("It stays");
    await page.getByRole("button", { name: "Answer without pointing at it" }).click();
    await bar(page).waitFor({ state: "detached" });
    await expect.poll(() => field(page).inputValue()).toBe("It stays");
    await page.keyboard.press("Escape");
    await page.locator(".dk-thread").focus();
    await page.keyboard.press("q");
    await bar(page).waitFor();
    await page.getByRole("button", { name: "Note", exact: true }).click();
    await bar(page).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Add note" }).click();
    await expect.poll(() => hub.written.map(({ do: what }) => what)).toEqual(["note"]);
    expect(hub.written[0]).not.toHaveProperty("answers");
  });

  it("by touch, where nothing can be pointed at", async () => {
    const { page, hub } = await comes(
      `/inbox/${BOT_CHAT}`,
      (hub) => {
        withChannels(hub);
        hub.signedIn = true;
      },
      { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
    );
    await answerThis(page, "And this one?").tap();
    await bar(page).getByText("And this one?").waitFor();
    await page.keyboard.type("That too");
    await page.getByRole("button", { name: "Send", exact: true }).tap();
    await expect.poll(() => hub.written[0]).toMatchObject({ answers: 9 });
  });

  it("not where the customer would not see it, nor a note, nor what did not arrive or is gone", async () => {
    const { page } = await desk(`/inbox/${BOT_CHAT}`, withChannels);
    for (const words of ["Ask the workshop", "Fjord too.", "This message was deleted"]) {
      await message(page, words).first().waitFor();
      expect(await answerThis(page, words).count(), words).toBe(0);
    }
    const texts = await desk(`/inbox/${TEXTS}`, withChannels);
    await message(texts.page, "Is my lamp ready?").waitFor();
    expect(await answerThis(texts.page, "Is my lamp ready?").count()).toBe(0);
  });
});

describe("what a message answers", () => {
  it("stands above it, leads there, and shows nothing of what is gone", async () => {
    const { page } = await desk(`/inbox/${BOT_CHAT}`, withChannels);
    const quoted = (words: string) => message(page, words).locator(".dk-quoted");
    await quoted("rain, really?").getByText("made for rain", { exact: true }).waitFor();
    await quoted("And this one?").getByText("New in our shop").waitFor();
    expect(await quoted("And this one?").getByRole("button").count()).toBe(0);
    await quoted("Forget the other one").getByText("This message was deleted").waitFor();
    const first = message(page, "Hello, which of the lamps").first();
    const inSight = () => first.evaluate((element) => element.getBoundingClientRect().top >= 0);
    await quoted("The blue one.").click();
    await expect.poll(inSight).toBe(true);
    await page.locator(".dk-thread__found + .sb-message", { hasText: "Hello, which" }).waitFor();
  });
});
