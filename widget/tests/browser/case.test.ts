/** What there is around a talk: what is asked before it, when somebody is back, its number, its sound, and how it was. */

import { expect, test } from "vitest";

import { axe, field, frame, hub, launcher, openChat, page, panel, say, shot, stage, visit } from "./stage.js";

stage();

const HOUR_MS = 3_600_000;

function sent<Do extends string>(wanted: Do) {
  return hub.said.flatMap((said) => (said.t === "command" && said.do === wanted ? [said] : []));
}

const score = (name: string) => panel().getByRole("button", { name, exact: true });

/** Two messages, and the team has closed it. */
async function closed() {
  hub.askRating = true;
  await visit();
  await openChat();
  await say("Do you have lamps?");
  await panel().getByText("Sent", { exact: true }).waitFor();
  hub.agentSays("We do.");
  hub.changes({ closed: true });
}

test("who is asked how it was says so once, with words if they like", async () => {
  await closed();
  await panel().getByText("How did we do?").waitFor();
  expect(await axe()).toEqual([]);
  await shot("rating");
  await score("Good").click();
  await expect.poll(() => sent("rate").at(-1)).toMatchObject({ score: 4 });
  await panel().getByLabel("Tell us why, if you like").fill("Quick and kind");
  await shot("rating-words");
  await panel().locator(".rate").getByRole("button", { name: "Send" }).click();
  await panel().getByText("Thank you. We read what you wrote.").waitFor();
  expect(sent("rate").at(-1)).toMatchObject({ score: 4, words: "Quick and kind" });
  await shot("rating-thanks");
  await page.reload();
  await panel().getByText("This conversation was closed").waitFor();
  await panel().getByRole("button", { name: "More about this conversation" }).waitFor();
  expect(await panel().getByText("How did we do?").count()).toBe(0);
});

test("a score that did not arrive can be given again, and who says nothing is not asked again", async () => {
  await closed();
  hub.refusePresses = "conflict";
  await score("Bad").click();
  await panel().getByText("That did not work. Try again.").waitFor();
  expect(await score("Bad").getAttribute("aria-pressed")).toBe("false");
  await panel().getByRole("button", { name: "Do not answer" }).click();
  await panel().getByText("How did we do?").waitFor({ state: "detached" });
  await page.reload();
  await panel().getByRole("button", { name: "More about this conversation" }).waitFor();
  expect(await panel().getByText("How did we do?").count()).toBe(0);
});

test("nobody is asked where the site does not ask, or nobody has answered", async () => {
  hub.askRating = true;
  await visit();
  await openChat();
  await say("Do you have lamps?");
  await panel().getByText("Sent", { exact: true }).waitFor();
  hub.changes({ closed: true });
  await panel().getByText("This conversation was closed").waitFor();
  await panel().getByRole("button", { name: "More about this conversation" }).waitFor();
  expect(await panel().getByText("How did we do?").count()).toBe(0);
});

test("who has written finds their case number, and can have new messages heard: once, while nobody looks", async () => {
  await visit();
  await page.context().addInitScript(() => {
    const heard = window as unknown as { tones: number };
    heard.tones = 0;
    const make = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function () {
      heard.tones += 1;
      return make.call(this);
    };
  });
  await page.reload();
  await openChat();
  expect(await panel().getByRole("button", { name: "More about this conversation" }).count()).toBe(0);
  await say("Do you have lamps?");
  const tones = () => frame().evaluate<number>("tones");
  hub.agentSays("We do.");
  await panel().getByText("We do.").waitFor();
  const more = panel().getByRole("button", { name: "More about this conversation" });
  await more.click();
  await panel().getByText("Your case number: SB-1").waitFor();
  await shot("case");
  expect(await axe()).toEqual([]);
  expect(await tones(), "nothing is heard that was not asked for").toBe(0);
  await panel().getByLabel("Sound for new messages").check();
  await expect.poll(tones).toBe(2);
  await page.keyboard.press("Escape");
  await panel().getByText("Your case number").waitFor({ state: "detached" });
  await launcher("Close chat").waitFor();
  hub.agentSays("Who looks hears nothing.");
  await panel().getByText("Who looks hears nothing.").waitFor();
  expect(await tones()).toBe(2);
  await launcher("Close chat").click();
  hub.agentSays("And a new one came in.");
  await expect.poll(tones).toBe(4);
  await shot("heard");
});

const BEFORE = {
  when: "always" as const,
  fields: [
    { kind: "name" as const, label: "", required: true },
    { kind: "email" as const, label: "", required: true },
    { kind: "choice" as const, label: "Topic", required: false, choices: ["An order", "Something else"] },
  ],
};

test("what is asked first goes with the first message, and is asked once", async () => {
  hub.before = BEFORE;
  await visit();
  await launcher().click();
  await panel().getByLabel("Name").fill("Maria");
  await shot("before");
  expect(await axe()).toEqual([]);
  await panel().getByLabel("Email").fill("maria@shop.example");
  await panel().getByLabel("Topic").selectOption("An order");
  await panel().getByRole("button", { name: "Start the chat" }).click();
  await panel().getByPlaceholder("Write a message").waitFor();
  expect(
    hub.said.every((said) => said.t !== "command" || said.do === "page"),
    "nobody has it yet",
  ).toBe(true);
  await page.reload();
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  expect(sent("send")[0]).toMatchObject({
    about: { name: "Maria", email: "maria@shop.example", attributes: { Topic: "An order" } },
  });
});

test("without what must be answered nothing begins, and what the page has said is not asked", async () => {
  hub.before = { ...BEFORE, when: "away" };
  hub.teamOnline = false;
  await visit();
  await page.evaluate(`Switchboard("identify", { user_id: "4711", hash: "aa", name: "Maria" })`);
  await launcher().click();
  await panel().getByLabel("Email").waitFor();
  expect(await panel().getByLabel("Name").count()).toBe(0);
  await panel().getByRole("button", { name: "Start the chat" }).click();
  expect(await panel().getByPlaceholder("Write a message").count()).toBe(0);
  await panel().getByLabel("Email").fill("maria@shop.example");
  await panel().getByRole("button", { name: "Start the chat" }).click();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
  expect(sent("send")[0]).toMatchObject({ about: { name: "Maria", email: "maria@shop.example", user_id: "4711" } });
});

test("where somebody is there, nothing is asked that is for when nobody is", async () => {
  hub.before = { ...BEFORE, when: "away" };
  await visit();
  await openChat();
  await say("Hello");
  await panel().getByText("Sent", { exact: true }).waitFor();
});

test("while it is closed it says when it opens, on the visitor's clock, whoever is there", async () => {
  hub.hours = { open: false, changes_at: Date.now() + 48 * HOUR_MS };
  const opens = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "Pacific/Auckland" });
  await visit({ timezoneId: "Pacific/Auckland", locale: "en" });
  await openChat();
  await panel()
    .getByText(`We are back ${opens.format(hub.hours.changes_at ?? 0)}`)
    .waitFor();
  await shot("closed");
  expect(await field().count()).toBe(1);
});
