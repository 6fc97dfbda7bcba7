/** Bots in the store: who they are, how they stand in a conversation, and what was done to them here. */
import type { AgentEventFrame, Bot, BotBlock, ConversationBot, Message } from "@switchboard/protocol";
import { placeOf } from "@switchboard/ui/message-keyboard";
import { browserZone } from "@switchboard/ui/time";
import { describe, expect, it } from "vitest";
import type { House } from "../src/desk/core";
import { pressedIn } from "../src/screens/bots/pressed";
import { botsOf, inOrder, lastRank, stepped } from "../src/screens/settings/bots/order";
import { usernameOf } from "../src/screens/settings/bots/username";
import { blockChoices, botState, speaker, thoseBlocked } from "../src/state/bots";
import { takeEvent } from "../src/state/events";
import { shownBots } from "../src/state/model";
import { lay, liftOverlay, overlayDone } from "../src/state/optimistic";
import { stateAfterReset, stateFrom, takeAnswer } from "../src/state/snapshots";
import { authorName } from "../src/words";
import { me, row } from "./events";

const ROBO = { id: "robo", name: "Robo", off: false };
const free: ConversationBot = { bot_id: "robo", blocked: null, asked_at: null, failing: false };
const block = (until: number | null, at = 0): BotBlock => ({
  why: "agent",
  by: { kind: "agent", id: "an" },
  at,
  until,
});

function told(position: number, bots: ConversationBot[]): AgentEventFrame {
  return { event: "conversation_bots_changed", position, at: position, bots: { conversation_id: "1", bots } };
}

describe("bots of the house", () => {
  it("are known from the beginning and by events, and what they wrote stays theirs", () => {
    const state = stateFrom({ ...me(), bots: [ROBO] });
    takeEvent(state, { event: "bot_changed", position: 1, at: 1, bot: { id: "two", name: "Second", off: true } });
    takeEvent(state, { event: "bot_changed", position: 2, at: 2, bot: { ...ROBO, name: "Robo 2" } });
    expect([...state.bots.values()].map(({ thing }) => thing.name)).toEqual(["Robo 2", "Second"]);
    // One that is removed is off, and keeps its name for what it wrote.
    takeEvent(state, { event: "bot_changed", position: 3, at: 3, bot: { ...ROBO, off: true } });
    expect([...state.bots.keys()]).toEqual(["robo", "two"]);
    const house = { bots: new Map([["robo", ROBO]]) } as unknown as House;
    const name = (id: string) => authorName({ kind: "bot", id }, row("1"), house);
    expect([name("robo"), name("gone")]).toEqual(["Robo", "author.bot"]);
  });
});

describe("bots of a conversation", () => {
  it("are held where somebody has asked for them, and an event is newer than the answer", () => {
    const state = stateFrom(me());
    takeEvent(state, told(1, [free]));
    expect(shownBots(state, "1")).toBeUndefined();
    state.botsIn.set("1", { thing: null, at: 1 });
    const asked = state.botsIn.get("1");
    expect(shownBots(state, "1")).toBeUndefined();
    takeEvent(state, told(2, [{ ...free, failing: true }]));
    expect(takeAnswer(state, state.botsIn, "1", asked, [free])).toBe(false);
    expect(shownBots(state, "1")).toEqual([{ ...free, failing: true }]);
    expect(stateAfterReset(state, me()).botsIn.size).toBe(0);
  });

  it("show what was done here until its event has come, and as they were when it is refused", () => {
    const state = stateFrom(me());
    state.botsIn.set("1", { thing: [free, { ...free, bot_id: "two" }], at: 0 });
    const blocked = block(null);
    const change = { id: "o", patch: {}, bots: new Map([["robo", { blocked }]]), until: null };
    lay(state, "1", change);
    expect(shownBots(state, "1")?.map((one) => one.blocked)).toEqual([blocked, null]);
    liftOverlay(state, "1", "o");
    expect(shownBots(state, "1")?.[0]).toBe(free);
    lay(state, "1", change);
    overlayDone(state, "1", "o", 2);
    expect(shownBots(state, "1")?.[0]?.blocked).toBe(blocked);
    takeEvent(state, told(2, [{ ...free, blocked: block(60) }]));
    expect(shownBots(state, "1")?.[0]?.blocked?.until).toBe(60);
    expect(state.overlays.size).toBe(0);
  });

  it("answer, wait, write, fail, or are kept out for as long as it was said", () => {
    const kind = (over: Partial<ConversationBot>, typing = false, at = 10): string =>
      botState({ ...free, ...over }, ROBO, typing, at).kind;
    expect([kind({}), kind({ asked_at: 5 }), kind({ asked_at: 5 }, true), kind({ failing: true })]).toEqual([
      "answering",
      "waiting",
      "typing",
      "failing",
    ]);
    expect([kind({ blocked: block(null) }), kind({ blocked: block(11) }), kind({ blocked: block(10) })]).toEqual([
      "blocked",
      "blocked",
      "answering",
    ]);
    // Asked by hand, it may answer once.
    expect(kind({ blocked: block(null, 4), asked_at: 5 })).toBe("waiting");
    expect(kind({ blocked: block(null, 6), asked_at: 5 })).toBe("blocked");
    expect(botState(free, { ...ROBO, off: true }, false, 10).kind).toBe("off");
    expect(botState(free, undefined, false, 10).kind).toBe("off");
  });

  it("are told apart by who is asked first and who may write", () => {
    const of = (kind: "off" | "answering") => ({ state: { kind } as const });
    expect(speaker([of("off")])).toBeUndefined();
    const second = of("answering");
    expect(speaker([of("off"), second])).toBe(second);
    const bots = [free, { ...free, bot_id: "two", blocked: block(20) }];
    expect([thoseBlocked(bots, true, 10), thoseBlocked(bots, false, 10)]).toEqual([["two"], ["robo"]]);
    expect(thoseBlocked(bots, true, 30)).toEqual([]);
  });

  it("may be blocked for a while, until the next morning, or until it is undone", () => {
    const here = browserZone();
    const day = new Date(2026, 10, 23, 14, 0).getTime();
    expect(blockChoices(day, here).map(({ id }) => id)).toEqual(["15", "60", "tomorrow", "undone"]);
    const night = new Date(2026, 10, 23, 3, 0).getTime();
    expect(blockChoices(night, here).map(({ id }) => id)).toEqual(["15", "60", "thisMorning", "undone"]);
    expect(blockChoices(night, here)[2]?.until).toBe(new Date(2026, 10, 23, 9, 0).getTime());
    expect(blockChoices(day, here)[1]?.until).toBe(day + 3_600_000);
  });
});

describe("the order in which bots are asked", () => {
  const bot = (id: string, ...ranks: number[]) =>
    ({ id, inboxes: ranks.map((rank, n) => ({ inbox_id: `inbox-${n}`, rank, answers: "always" })) }) as unknown as Bot;
  const all = [bot("third", 4, 0), bot("first", 0), bot("second", 4, 1), bot("nowhere")];

  it("is that of their ranks, and a new one comes last", () => {
    expect(botsOf(all, "inbox-0").map(({ id }) => id)).toEqual(["first", "third", "second"]);
    expect([lastRank(all, "inbox-0"), lastRank(all, "inbox-1"), lastRank(all, "none")]).toEqual([5, 2, 0]);
  });

  it("changes by one step, also while the hub does not know of the one before", () => {
    expect(stepped(["a", "b", "c"], "c", -1)).toEqual(["a", "c", "b"]);
    expect(stepped(["a", "b", "c"], "a", 1)).toEqual(["b", "a", "c"]);
    expect(stepped(["a", "b"], "a", -1)).toBeUndefined();
    expect(stepped(["a", "b"], "b", 1)).toBeUndefined();
    expect(stepped(["a", "b"], "gone", 1)).toBeUndefined();
    const here = botsOf(all, "inbox-0");
    // One that has come meanwhile is asked last.
    expect(inOrder(here, ["second", "first"]).map(({ id }) => id)).toEqual(["second", "first", "third"]);
    expect(inOrder(here, null)).toBe(here);
  });
});

describe("buttons that were pressed", () => {
  const message = (number: number, over: Partial<Message>): Message => ({ number, ...over }) as Message;
  const line = (text: string) =>
    message(2, { kind: "system", line: { kind: "pressed", number: 1, row: 0, column: 1, text } });
  const buttons = (...texts: string[]) =>
    message(1, { rich: { keyboard: { kind: "inline", rows: [texts.map((text) => ({ text }))] } } });

  it("are marked while the same stands there, and not what a bot has put in their place", () => {
    expect([...(pressedIn([buttons("1", "2"), line("2")]).get(1) ?? [])]).toEqual([placeOf(0, 1)]);
    expect(pressedIn([buttons("1", "Next page"), line("2")]).size).toBe(0);
    expect(pressedIn([message(1, {}), line("2")]).size).toBe(0);
    expect(pressedIn([line("2")]).size).toBe(0);
  });
});

describe("what a bot is called by programs", () => {
  it.each([
    ["Fjord helper", "fjord_helper_bot"],
    ["  Smørbrød & Café — Łódź ", "smorbrod_cafe_lodz_bot"],
    ["Robot", "robot"],
    ["Bot", "bot_bot"],
    ["24/7 Order bot", "order_bot"],
    ["The one who answers everything at once and for ever", "the_one_who_answers_everythi_bot"],
    ["The one that answers everything bot", "the_one_that_answers_everyth_bot"],
    ["مساعد", ""],
    ["", ""],
  ])("of %j is %j", (name, username) => {
    expect(usernameOf(name)).toBe(username);
    expect(username).toMatch(/^$|^(?=.{5,32}$)[a-z][a-z0-9_]*bot$/);
  });
});
