/** What a visitor sees of a bot and does with it, in Chromium. */

import type { FormatKind, Keyboard, Rich, VisitorFrame } from "@switchboard/protocol";
import type { Locator } from "playwright-core";
import { expect, test } from "vitest";

import {
  axe,
  field,
  frame,
  hub,
  launcher,
  openChat,
  page,
  panel,
  problems,
  say,
  shot,
  siteWith,
  stage,
  visit,
} from "./stage.js";

stage();

const button = (name: string) => panel().getByRole("button", { name, exact: true });
const said = <Do extends string>(what: Do) =>
  hub.said.filter(
    (each): each is Extract<VisitorFrame, { t: "command"; do: Do }> => each.t === "command" && each.do === what,
  );

/** Formats of a text by the words that they are around. */
function formats(text: string, ...parts: [kind: FormatKind, words: string, url?: string][]): Rich["formats"] & object {
  return parts.map(([kind, words, url]) => ({
    kind,
    offset: text.indexOf(words),
    length: words.length,
    ...(url ? { url } : {}),
  }));
}

const inline = (...rows: string[][]): Rich => ({
  keyboard: { kind: "inline", rows: rows.map((row) => row.map((text) => ({ text }))) },
});
const choices = (rows: string[][], more: Partial<Extract<Keyboard, { kind: "choices" }>> = {}): Rich => ({
  keyboard: { kind: "choices", rows, once: false, ...more },
});

const LETTER = `Your order 💡 is packed and paid for. See https://lamps.example/4711 or the terms.
Keep the code, A-4711:
lamp --order 4711
if (lost) { call(us) }
You asked for it in blue, for your desk.
The surprise is a second lamp for the same price.`;
const LETTER_FORMATS = formats(
  LETTER,
  ["bold", "packed and paid for"],
  ["italic", "paid"],
  ["underline", "and paid for"],
  ["strikethrough", "same"],
  ["link", "the terms", "https://lamps.example/terms"],
  ["pre", "lamp --order 4711\nif (lost) { call(us) }"],
  ["code", "A-4711"],
  ["quote", "You asked for it in blue, for your desk."],
  ["spoiler", "a second lamp for the same price"],
);

/** Everything at once, for the eye. */
async function talk() {
  hub.add({ kind: "you" }, "Where is my lamp?", [], "x", Date.now() - 600_000);
  hub.add(
    { kind: "bot", name: "" },
    "We are away until nine. A bot answers meanwhile.",
    [],
    undefined,
    Date.now() - 590_000,
  );
  hub.botSays(LETTER, { formats: LETTER_FORMATS });
  hub.botSays("Is that what you wanted?", {
    keyboard: {
      kind: "inline",
      rows: [
        [{ text: "Yes" }, { text: "No" }],
        [{ text: "Follow the parcel", url: "https://lamps.example/parcel" }],
        ["1", "2", "3", "4", "5", "6", "7", "8"].map((text) => ({ text })),
        [{ text: "Another lamp, in another colour" }, { text: "Something else entirely" }],
      ],
    },
  });
}

test("what a bot has set in something is drawn so, nested as it was, and never as markup", async () => {
  await visit();
  await openChat();
  await say("Hello");
  hub.botSays(`Bold and <b>both</b>. ${LETTER}`, {
    formats: [
      { kind: "bold", offset: 0, length: 20 },
      { kind: "italic", offset: 5, length: 15 },
      ...formats(`Bold and <b>both</b>. ${LETTER}`, ["link", "the terms", "https://lamps.example/terms"]),
      ...formats(`Bold and <b>both</b>. ${LETTER}`, ["pre", "lamp --order 4711\nif (lost) { call(us) }"]),
      ...formats(`Bold and <b>both</b>. ${LETTER}`, ["quote", "You asked for it in blue, for your desk."]),
      ...formats(`Bold and <b>both</b>. ${LETTER}`, ["link", "surprise", "javascript:alert(1)"]),
    ],
    keyboard: { kind: "inline", rows: [[{ text: "Nowhere", url: "javascript:alert(1)" }]] },
  });
  await panel().locator(".bubble b i").waitFor();
  expect(await panel().locator(".bubble b").allTextContents()).toEqual(["Bold and <b>both</b>"]);
  expect(await panel().locator(".bubble b > i").textContent()).toBe("and <b>both</b>");
  const links = await panel()
    .locator(".bubble a")
    .evaluateAll((all) => all.map((a) => [a.textContent, a.getAttribute("href"), a.getAttribute("target")].join(" ")));
  expect(links).toEqual([
    "https://lamps.example/4711 https://lamps.example/4711 _blank",
    "the terms https://lamps.example/terms _blank",
  ]);
  expect(await panel().getByRole("link", { name: "the terms" }).getAttribute("rel")).toBe(
    "noopener noreferrer nofollow",
  );
  expect(await panel().locator(".bubble pre").textContent()).toBe("lamp --order 4711\nif (lost) { call(us) }");
  expect(await panel().locator(".bubble blockquote").count()).toBe(1);
  expect(await panel().getByText("Nowhere").count()).toBe(1);
  expect(await panel().getByRole("link", { name: "Nowhere" }).count()).toBe(0);
  expect(problems).toEqual([]);
});

test("what is covered is read when it is pressed, by key too, and not before", async () => {
  await visit();
  await openChat();
  hub.botSays("Your gift: a blue lamp. See https://lamps.example.", {
    formats: [{ kind: "spoiler", offset: 11, length: 11 }],
  });
  const cover = button("Covered text. Press to read it.");
  await cover.waitFor();
  expect(await panel().getByText("a blue lamp").isVisible()).toBe(false);
  await shot("bot-covered");
  expect(await axe()).toEqual([]);
  await cover.focus();
  await page.keyboard.press("Space");
  await panel().getByText("a blue lamp").waitFor();
  expect(await cover.count()).toBe(0);
  expect(await frame().evaluate("document.activeElement.textContent")).toBe("a blue lamp");
  hub.botSays("Or a red one", { formats: [{ kind: "spoiler", offset: 3, length: 9 }] });
  await cover.click();
  await panel().getByText("a red one").waitFor();
});

test("a press says where the button stands, and a second one is not sent before the first is answered", async () => {
  await visit();
  await openChat();
  hub.botSays("Blue?", inline(["Yes", "No"], ["Another"]));
  await button("Another").waitFor();
  hub.stallPresses();
  await button("Another").focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => button("Another").getAttribute("aria-busy")).toBe("true");
  await shot("bot-pressed");
  expect(await axe()).toEqual([]);
  expect(await frame().evaluate("document.activeElement.textContent")).toBe("Another");
  await button("Another").click({ force: true });
  await button("Yes").click({ force: true });
  expect(said("press")).toMatchObject([{ conversation_id: "conversation-1", number: 1, row: 1, column: 0 }]);
  hub.answerPresses();
  await expect.poll(() => button("Another").getAttribute("aria-busy")).toBe("false");
  await button("No").click();
  await expect.poll(() => said("press")[1]).toMatchObject({ row: 0, column: 1 });
  // The bot has changed its message since.
  hub.edits("message-1", { text: "Blue it is.", rich: inline(["Undo"]) });
  await button("Undo").waitFor();
  expect(await button("Yes").count()).toBe(0);
  expect(problems).toEqual([]);
});

test("a button with an address is a link of its own window", async () => {
  await visit();
  await openChat();
  hub.botSays("See there", {
    keyboard: { kind: "inline", rows: [[{ text: "Parcel", url: "https://lamps.example/p" }]] },
  });
  const link = panel().getByRole("link", { name: "Parcel" });
  expect([await link.getAttribute("href"), await link.getAttribute("target"), await link.getAttribute("rel")]).toEqual([
    "https://lamps.example/p",
    "_blank",
    "noopener noreferrer nofollow",
  ]);
});

test("a button that is no more says that, and not to press it again", async () => {
  await visit();
  await openChat();
  hub.botSays("Blue?", inline(["Yes"]));
  hub.refusePresses = "conflict";
  await button("Yes").click();
  await panel().getByRole("alert").filter({ hasText: "This button no longer does anything." }).waitFor();
  expect(await panel().getByText("Press again").count()).toBe(0);
  await shot("bot-gone");
  expect(await axe()).toEqual([]);
});

test("a key that is held and two clicks at once are one press", async () => {
  await visit();
  await openChat();
  hub.botSays("Blue?", inline(["Yes", "No"]));
  await button("Yes").dblclick();
  await say("Well?");
  await panel().getByText("Sent", { exact: true }).waitFor();
  expect(said("press")).toHaveLength(1);
  hub.botSays("Which colour?", choices([["Red", "Blue"]]));
  for (const name of ["No", "Red"]) {
    await button(name).focus();
    await page.keyboard.down("Enter");
    await page.keyboard.down("Enter");
    await page.keyboard.down("Enter");
    await page.keyboard.up("Enter");
  }
  await say("That is it");
  await expect.poll(() => said("send").map(({ text }) => text)).toEqual(["Well?", "Red", "That is it"]);
  expect(said("press")).toHaveLength(2);
});

test("a question that is to be answered in words has its own in the field, until there is an answer", async () => {
  await visit();
  await openChat();
  hub.botSays("What are you called?", choices([], { once: true, placeholder: "Your name" }));
  await expect.poll(() => field().getAttribute("placeholder")).toBe("Your name");
  await say("Olga");
  hub.botSays("And how may I help?");
  await panel().getByText("And how may I help?").waitFor();
  expect(await field().getAttribute("placeholder")).toBe("Write a message");
});

test("words that are set in something of tomorrow are there, plain", async () => {
  await visit();
  await openChat();
  hub.botSays("It glows.", { formats: [{ kind: "glowing" as FormatKind, offset: 3, length: 5 }] });
  await panel().getByText("It glows.").waitFor();
  expect(problems).toEqual([]);
});

test("a press that fails says so, and can be tried again", async () => {
  await visit();
  await openChat();
  hub.botSays("Blue?", inline(["Yes"]));
  hub.refusePresses = "internal";
  await button("Yes").click();
  const wrong = panel().getByRole("alert").filter({ hasText: "That did not work. Press again." });
  await wrong.waitFor();
  await shot("bot-refused");
  expect(await axe()).toEqual([]);
  hub.refusePresses = undefined;
  await button("Yes").click();
  await wrong.waitFor({ state: "detached" });
  expect(said("press")).toHaveLength(2);
});

test("what is pressed without a connection is not sent later, and says that there was none", async () => {
  await visit();
  await openChat();
  hub.botSays("Blue?", inline(["Yes"]));
  hub.botSays("Or what?", choices([["Red", "Green"]]));
  await button("Red").waitFor();
  hub.offline();
  await panel().getByText("You are not connected.").waitFor();
  await button("Yes").click();
  await button("Red").click();
  await button("Talk to a person").click();
  await expect.poll(() => panel().getByText("There was no connection. Press again.").count()).toBe(3);
  await shot("bot-offline");
  expect(await axe()).toEqual([]);
  hub.online();
  await panel().getByText("You are not connected.").waitFor({ state: "detached" });
  await say("Hello");
  await expect.poll(() => hub.messages.at(-1)?.text).toBe("Hello");
  expect([...said("press"), ...said("ask_human")]).toEqual([]);
  expect(said("send").map(({ text }) => text)).toEqual(["Hello"]);
});

test("a press whose answer the connection took along says so, and is not sent again", async () => {
  await visit();
  await openChat();
  hub.botSays("Blue?", inline(["Yes"]));
  await button("Yes").waitFor();
  hub.stallPresses();
  await button("Yes").click();
  await expect.poll(() => said("press").length).toBe(1);
  hub.offline();
  await panel().getByText("There was no connection. Press again.").waitFor();
  hub.online();
  await panel().getByText("You are not connected.").waitFor({ state: "detached" });
  await say("Hello");
  await expect.poll(() => hub.messages.at(-1)?.text).toBe("Hello");
  expect(said("press")).toHaveLength(1);
});

test("a choice is written as one's own; those that are offered once are gone then, the others when they are taken away", async () => {
  await visit();
  await openChat();
  hub.botSays("Which colour?", choices([["Red", "Blue"], ["No colour"]], { placeholder: "Or name one" }));
  await button("No colour").waitFor();
  expect(await field().getAttribute("placeholder")).toBe("Or name one");
  await shot("bot-choices");
  expect(await axe()).toEqual([]);
  await field().fill("half a th");
  await button("Blue").dblclick();
  await panel().getByText("Sent", { exact: true }).waitFor();
  expect(hub.messages.map(({ text }) => text)).toEqual(["Which colour?", "Blue"]);
  expect(await field().inputValue()).toBe("half a th");
  await field().fill("");
  expect(await button("Red").count()).toBe(1);
  hub.botSays("And the size?", choices([["Small", "Large"]], { once: true }));
  await button("Small").waitFor();
  expect(await button("Red").count()).toBe(0);
  expect(await field().getAttribute("placeholder")).toBe("Write a message");
  await button("Small").click();
  await expect.poll(() => button("Small").count()).toBe(0);
  expect(await frame().evaluate("document.activeElement.tagName")).toBe("TEXTAREA");
  // Also on the next page.
  await page.reload();
  await panel().getByText("And the size?").waitFor();
  await button("Talk to a person").waitFor();
  expect(await button("Small").count()).toBe(0);
  hub.botSays("More?", choices([["Yes", "No"]]));
  hub.botSays("Well?");
  await button("Yes").waitFor();
  hub.botSays("Good.", { keyboard: { kind: "remove" } });
  await expect.poll(() => button("Yes").count()).toBe(0);
  expect(problems).toEqual([]);
});

test("choices leave in sight what they answer, unless the reader is elsewhere", async () => {
  await visit();
  await openChat();
  await say("Hello");
  for (let i = 1; i <= 12; i++) hub.botSays(`Message ${i}.`);
  await panel().getByText("Message 12.").waitFor();
  const log = panel().getByRole("log");
  const left = () => log.evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
  await expect.poll(left).toBe(0);
  hub.botSays("What size?", choices([["S", "M", "L"], ["XL", "I do not know"], ["None of them"]]));
  await button("None of them").waitFor();
  await expect.poll(left).toBe(0);
  await shot("bot-choices-end");
  await log.evaluate(async (box) => {
    box.scrollTo({ top: 100 });
    // It hears of that with the next picture.
    await new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(seen)));
  });
  hub.botSays("Or a colour?", choices([["Red"]]));
  await button("Red").waitFor();
  await panel().getByText("1 new message").waitFor();
  expect(await log.evaluate((box) => box.scrollTop)).toBe(100);
});

test("choices of a bot are gone when a person answers", async () => {
  await visit();
  await openChat();
  hub.botSays("Which colour?", choices([["Red", "Blue"]]));
  await button("Red").waitFor();
  hub.agentSays("I take over.");
  await panel().getByText("I take over.").waitFor();
  expect(await button("Red").count()).toBe(0);
});

test("choices of a bot are gone when another bot answers", async () => {
  await visit();
  await openChat();
  hub.botSays("Which colour?", choices([["Red", "Blue"]], { placeholder: "A colour" }));
  await button("Red").waitFor();
  hub.botSays("The team is away.", undefined, "");
  await panel().getByText("The team is away.").waitFor();
  expect(await button("Red").count()).toBe(1);
  hub.botSays("I answer now.", undefined, "Echo");
  await panel().getByText("I answer now.").waitFor();
  await expect.poll(() => button("Red").count()).toBe(0);
  expect(await field().getAttribute("placeholder")).toBe("Write a message");
});

test("what a bot says to a press passes by, or waits to be put away", async () => {
  /** The page's clock is moved until it is gone: that the pointer left reaches a frame by and by. */
  const passes = (told: Locator) =>
    expect
      .poll(async () => {
        await page.clock.fastForward(10_000);
        return told.count();
      })
      .toBe(0);
  await visit();
  await page.clock.install();
  await openChat();
  hub.botSays("Blue?", inline(["Yes"]));
  await button("Yes").focus();
  hub.botTells("Noted. It is blue now.");
  const passing = panel().getByRole("status").getByText("Noted. It is blue now.");
  // Whoever points at it has the time to read it.
  await passing.hover();
  await page.clock.fastForward(30_000);
  await passing.waitFor();
  await shot("bot-told");
  expect(await axe()).toEqual([]);
  await page.mouse.move(0, 0);
  await passes(passing);
  hub.botTells("Noted.");
  await panel().getByRole("status").getByText("Noted.").waitFor();
  hub.botTells("Your card was refused. Try another one.", true);
  const dialog = panel().getByRole("dialog");
  await dialog.waitFor();
  expect(await panel().getByText("Noted.").count()).toBe(0);
  await shot("bot-alert");
  expect(await axe()).toEqual([]);
  expect(await frame().evaluate("document.activeElement.textContent")).toBe("Close");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  // Not the window with it; and the focus is where it was.
  expect(await frame().evaluate("document.activeElement.textContent")).toBe("Yes");
  expect(await field().isVisible()).toBe(true);
  hub.botTells("Once more.", true);
  await button("Close").click();
  await dialog.waitFor({ state: "detached" });
  // What went from under the pointer holds nothing that comes later.
  hub.botTells("One moment.");
  await panel().getByRole("status").getByText("One moment.").hover();
  hub.botTells("It is sold out.", true);
  await page.mouse.move(0, 0);
  await button("Close").click();
  hub.botTells("It was.");
  const last = panel().getByRole("status").getByText("It was.");
  await last.waitFor();
  await passes(last);
});

test("the way to a person is there while a bot answers, and once it was taken a line says who comes", async () => {
  await visit();
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  hub.botSays("We are away.", undefined, "");
  await panel().getByText("We are away.").waitFor();
  const way = button("Talk to a person");
  expect(await way.count()).toBe(0);
  hub.botSays("How can I help?");
  await way.waitFor();
  await shot("bot-person");
  expect(await axe()).toEqual([]);
  await way.focus();
  await page.keyboard.press("Enter");
  const line = panel().getByText("A colleague will answer you here.");
  await line.waitFor();
  expect(said("ask_human")).toMatchObject([{ conversation_id: "conversation-1" }]);
  await shot("bot-asked");
  expect(await axe()).toEqual([]);
  await page.reload();
  await line.waitFor();
  expect(await way.count()).toBe(0);
  // What the bot had still under way changes nothing of it; what the team does, or a case that is closed, does.
  hub.botSays("One moment.");
  await panel().getByText("One moment.").waitFor();
  expect([await way.count(), await line.count()]).toEqual([0, 1]);
  hub.changes({ asked_person: false });
  await way.waitFor();
  expect(await line.count()).toBe(0);
  hub.agentSays("And so am I.");
  await panel().getByText("And so am I.").waitFor();
  expect([await way.count(), await line.count()]).toEqual([0, 0]);
});

test("a bot is called one, and its typing is told by its name", async () => {
  await visit();
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  hub.botSays("How can I help?");
  await panel().locator(".name", { hasText: "RoboBot" }).waitFor();
  await panel().locator(".face svg").waitFor();
  hub.botTypes(true);
  await panel().getByText("Robo is typing").waitFor();
  // Where its answer will stand: before the way past it.
  const [bubble, way] = [panel().locator(".typing"), button("Talk to a person")];
  expect((await bubble.boundingBox())?.y).toBeLessThan((await way.boundingBox())?.y ?? 0);
  await shot("bot-typing");
  expect(await axe()).toEqual([]);
});

test("what only bots need comes with the first of their messages; until then it is plain, and the end stays in sight", async () => {
  let letCome = () => {};
  const come = new Promise<void>((resolve) => {
    letCome = resolve;
  });
  const asked: string[] = [];
  await visit();
  await page.context().route(/\/parts-/, async (route) => {
    asked.push(route.request().url());
    await come;
    await route.continue();
  });
  await openChat();
  await say("Hello");
  for (let i = 1; i <= 12; i++) hub.agentSays(`Message ${i}.`);
  await panel().getByText("Message 12.").waitFor();
  expect(asked).toEqual([]);
  hub.botSays("It is bold.", {
    formats: [{ kind: "bold", offset: 6, length: 4 }],
    ...inline(["Yes"], ["No"], ["Maybe"]),
  });
  await panel().getByText("It is bold.").waitFor();
  await expect.poll(() => asked.length).toBe(1);
  expect(await panel().locator(".bubble b").count()).toBe(0);
  letCome();
  await panel().locator(".bubble b").waitFor();
  const log = panel().getByRole("log");
  const left = () => log.evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
  await expect.poll(left).toBe(0);
});

test("if it did not come, the words are there, and it comes with the next connection", async () => {
  await visit();
  await page.context().route(/\/parts-/, (route) => route.abort());
  await openChat();
  hub.botSays("It is bold.", { formats: [{ kind: "bold", offset: 6, length: 4 }] });
  await panel().getByText("It is bold.").waitFor();
  await page.context().unroute(/\/parts-/);
  hub.offline();
  await panel().getByText("You are not connected.").waitFor();
  hub.online();
  await panel().locator(".bubble b").waitFor();
});

test.each(["light", "dark"] as const)("everything at once, %s", async (colorScheme) => {
  await talk();
  hub.botSays("Or tell me what you are looking for.", choices([["A lamp", "A shade"], ["A bulb"]]));
  await visit({ colorScheme });
  await openChat();
  await button("A bulb").waitFor();
  await shot(`bot-${colorScheme}`);
  expect(await axe()).toEqual([]);
  await panel().locator("blockquote").scrollIntoViewIfNeeded();
  await shot(`bot-${colorScheme}-letter`);
  expect(await axe()).toEqual([]);
  hub.botTells("Noted.");
  await panel().getByText("Noted.").waitFor();
  await shot(`bot-${colorScheme}-told`);
  expect(await axe()).toEqual([]);
  hub.botTells("Your card was refused. Try another one, or write to us: somebody of us is there until nine.", true);
  await panel().getByRole("dialog").waitFor();
  await shot(`bot-${colorScheme}-alert`);
  expect(await axe()).toEqual([]);
  expect(problems).toEqual([]);
});

test("everything at once, on a phone of 360 px", async () => {
  await talk();
  hub.botSays(
    "Or tell me what you are looking for.",
    choices([["A lamp", "A shade"], ["A bulb that fits the lamp that I have got"]]),
  );
  await visit({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
  await openChat();
  await button("A lamp").waitFor();
  await shot("bot-phone");
  expect(await frame().evaluate("document.documentElement.scrollWidth")).toBe(360);
  expect(await axe()).toEqual([]);
  await panel().locator("blockquote").scrollIntoViewIfNeeded();
  await shot("bot-phone-letter");
});

test("everything at once, dark and in Arabic from right to left", async () => {
  await siteWith("", "ar");
  hub.add({ kind: "you" }, "أين مصباحي؟", [], "x", Date.now() - 600_000);
  const text = "طلبك جاهز، وهذا رمزه:\nlamp --order 4711\nوالهدية مصباح ثان.";
  hub.botSays(
    text,
    { formats: formats(text, ["bold", "جاهز"], ["pre", "lamp --order 4711"], ["spoiler", "مصباح ثان"]) },
    "روبو",
  );
  hub.botSays(
    "هل هذا ما أردت؟",
    {
      keyboard: {
        kind: "inline",
        rows: [[{ text: "نعم" }, { text: "لا" }], [{ text: "تتبع الطرد", url: "https://lamps.example/p" }]],
      },
    },
    "روبو",
  );
  hub.botSays("أو اختر:", choices([["مصباح", "غطاء"]]), "روبو");
  await visit({ colorScheme: "dark", locale: "ar" });
  await launcher("افتح المحادثة").click();
  await button("غطاء").waitFor();
  await button("التحدث إلى موظف").waitFor();
  await shot("bot-arabic-dark");
  expect(await axe()).toEqual([]);
});
