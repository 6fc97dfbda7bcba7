/** The desk as a whole, over a hub whose answers the test gives: what it asks, and when it stops asking. */
import { effect } from "@preact/signals";
import type { Api, Client, Contact, Heard, ResumePoint, SearchPage } from "@switchboard/protocol";
import { beforeEach, expect, it } from "vitest";
import { type Desk, makeDesk } from "../src/desk/desk";
import { KEPT_CONVERSATIONS, KEPT_MARGIN, KEPT_THREADS, type RowPatch } from "../src/state/model";
import { EPOCH, Feed, me, memory, row } from "./events";

type Listeners = { [K in keyof Heard<"agent">]?: (heard: Heard<"agent">[K]) => void };

let heard: Listeners;
let asked: string[];
let later: (() => void)[];
let resumed: ResumePoint[];
let signedOut: number;
let told: unknown[];
let commands: unknown[];
/** The hub's answer to each route. */
let answers: Record<string, (args: { id?: string; query?: { q?: string; cursor?: string } }) => unknown>;

function desk(): Desk {
  const socket = {
    state: { status: "live", retryAt: null },
    point: null,
    outbox: [],
    on: (kind: keyof Listeners, listener: never) => {
      heard[kind] = listener;
      return () => delete heard[kind];
    },
    tell: (command: unknown) => told.push(command) > 0,
    command: async (command: unknown) => {
      commands.push(command);
      return {};
    },
    resumeFrom: (point: ResumePoint) => void resumed.push(point),
    close: () => undefined,
  };
  const made = makeDesk({
    me: me(),
    first: { folder: "inbox", sort: "activity" },
    sendFile: () => Promise.reject(),
    signedOut: () => {
      signedOut += 1;
    },
    api: (async (route: string, args: { id?: string; query?: { q?: string } } = {}) => {
      asked.push(route);
      return answers[route]?.(args);
    }) as unknown as Api,
    socket: socket as unknown as Client<"agent">,
    clock: () => 0,
    newId: () => "id",
    random: () => 0,
    beforeDrawing: (work) => work(),
    later: (work) => {
      later.push(work);
      return () => {
        later = later.filter((one) => one !== work);
      };
    },
    storage: memory(),
    otherTabs: () => () => undefined,
  });
  made.start();
  return made;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

beforeEach(() => {
  heard = {};
  asked = [];
  later = [];
  resumed = [];
  signedOut = 0;
  told = [];
  commands = [];
  answers = {
    "GET /api/counts": () => ({ folders: [], inboxes: [], teams: [], at: { epoch: EPOCH, position: 0 } }),
    "GET /api/conversations": () => new Feed().page(),
    "GET /api/session": () => me(7),
  };
});

it("takes everything anew after a reset, and goes on from there", async () => {
  desk();
  heard.reset?.("too_old");
  await settle();
  expect(resumed.at(-1)).toEqual({ epoch: EPOCH, position: 7 });
});

it("asks twice at once for a page of another epoch, then waits", async () => {
  const { lists } = desk();
  answers["GET /api/conversations"] = () => ({ rows: [], next: null, at: { epoch: "another", position: 1 } });
  void lists.reload();
  await settle();
  expect(asked.filter((route) => route === "GET /api/conversations")).toHaveLength(2);
  expect(lists.view.value.loading).toBe(true);
});

it("does nothing more after it was left, whatever is still under way", async () => {
  const left = desk();
  const before = resumed.length;
  heard.reset?.("other_epoch");
  left.stop();
  await settle();
  expect(resumed).toHaveLength(before);
});

it("throws nobody out who has signed in since", async () => {
  answers["GET /api/session"] = () => {
    throw { code: "unauthenticated", message: "" };
  };
  const left = desk();
  heard.reset?.("other_epoch");
  left.stop();
  await settle();
  expect(signedOut).toBe(0);
});

it("tells nobody of a conversation that came by itself before one turns to it", async () => {
  const feed = new Feed();
  feed.begin("1");
  feed.begin("2");
  answers["GET /api/conversations/{id}"] = () => feed.detail("1", 50);
  const { conversations, core } = desk();
  for (const frame of feed.frames) core.takeFrame(frame);
  conversations.comesNext("1");
  await conversations.open("1");
  conversations.markRead("1", 1);
  expect(told).not.toContainEqual(expect.objectContaining({ conversation_id: "1" }));
  expect(commands).toEqual([]);
  conversations.turnTo();
  conversations.markRead("1", 1);
  expect(told.at(-1)).toMatchObject({ do: "view", conversation_id: "1" });
  expect(commands).toMatchObject([{ do: "read", conversation_id: "1", number: 1 }]);
});

it("knows its own person anew when the hub tells of them", () => {
  const { me: who, core } = desk();
  const agent = { ...me().agent, name: "An Other", role: "agent" as const };
  core.takeFrame({ position: 1, at: 1, event: "agent_changed", agent });
  expect(who.value.agent).toEqual(agent);
});

it("forgets whom the hub says is not to come", () => {
  const { core } = desk();
  const agent = { ...me().agent, id: "agent-claire", name: "Claire", role: "agent" as const };
  core.takeFrame({ position: 1, at: 1, event: "agent_changed", agent });
  expect(core.house.value.agents.has(agent.id)).toBe(true);
  core.takeFrame({ position: 2, at: 2, event: "agent_removed", agent_id: agent.id });
  expect(core.house.value.agents.has(agent.id)).toBe(false);
});

it("asks for a conversation that it does not hold only if that may stand in a list by what has changed", async () => {
  const feed = new Feed();
  feed.begin("1");
  feed.begin("2");
  answers["GET /api/conversations"] = () => ({ ...feed.page(), next: "more" });
  const { lists, core } = desk();
  await lists.open({ folder: "inbox", sort: "activity" });
  const about = (patch: RowPatch): number => {
    asked = [];
    core.takeFrame({
      position: core.state.position + 1,
      at: 1,
      event: "conversation_changed",
      conversation_id: "far-below",
      by: { kind: "agent", id: me().agent.id },
      patch,
      lines: [],
    });
    for (const work of later.splice(0)) work();
    return asked.filter((route) => route === "GET /api/conversations/{id}").length;
  };
  expect(about({ contact_read_number: 3 })).toBe(0);
  expect(about({ tags: ["late"], priority: "high" })).toBe(0);
  expect(about({ status: "closed" })).toBe(0);
  expect(about({ status: "open", place: "spam" })).toBe(0);
  expect(about({ status: "open", last_activity_at: -5 })).toBe(0);
  expect(about({ status: "open" })).toBe(1);
});

it("lets go of what nothing shows, and of nothing that stands in a list or is open", async () => {
  const feed = new Feed();
  feed.begin("listed");
  const { lists, core } = desk();
  answers["GET /api/conversations"] = () => feed.page();
  await lists.open({ folder: "inbox", sort: "activity" });
  for (const frame of feed.frames) core.takeFrame(frame);
  const watched = core.row("watched");
  const stop = effect(() => void watched.value);
  for (let place = 0; place < 3_000; place += 1) {
    const id = place === 5 ? "watched" : `old-${place}`;
    const conversation = { ...row(id), status: "closed" as const };
    core.takeFrame({
      position: core.state.position + 1,
      at: 1,
      event: "conversation_created",
      conversation,
      messages: [],
    });
  }
  expect(core.state.conversations.size).toBeLessThan(KEPT_CONVERSATIONS + KEPT_MARGIN + 10);
  expect([core.rowNow("listed")?.id, core.rowNow("watched")?.id]).toEqual(["listed", "watched"]);
  expect([core.rowNow("old-0"), core.rowNow("old-2999")?.id]).toEqual([undefined, "old-2999"]);
  stop();
});

/** A desk with a list, and conversations beyond it that have begun before it was opened. */
async function deskWithUnknown(unknown: readonly string[]): Promise<Desk & { feed: Feed; speakOf(id: string): void }> {
  const feed = new Feed();
  feed.begin("open");
  for (const id of unknown) feed.begin(id);
  answers["GET /api/conversations"] = () => ({ ...feed.page(), rows: [], next: "more" });
  answers["GET /api/conversations/{id}"] = ({ id }) => feed.detail(id ?? "", 50);
  const made = desk();
  made.core.takeFrame({ ...feed.frames[0], position: feed.position } as (typeof feed.frames)[0]);
  await made.lists.open({ folder: "inbox", sort: "activity" });
  const speakOf = (id: string): void => {
    feed.change(id, false);
    const frame = feed.frames.at(-1);
    if (frame) made.core.takeFrame(frame);
  };
  return { ...made, feed, speakOf };
}

/** What was put off is done, and what comes of it, and so on. */
async function runLater(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    for (const work of later.splice(0)) work();
    await settle();
  }
}

it("keeps the thread that is open, whatever it takes in for the list beside it", async () => {
  const many = Array.from({ length: 2 * KEPT_THREADS }, (_, place) => `far-${place}`);
  const { conversations, core, speakOf, feed } = await deskWithUnknown(many);
  await conversations.open("open");
  for (const id of many) {
    speakOf(id);
    await runLater();
  }
  expect(many.every((id) => core.rowNow(id) !== undefined)).toBe(true);
  feed.write("open", false);
  for (const frame of feed.frames.slice(-1)) core.takeFrame(frame);
  expect(core.state.threads.get("open")?.messages.at(-1)?.text).toBe("message 2");
});

it("asks again for a conversation that it was told of, if the first answer is lost or comes too old", async () => {
  const { core, speakOf, feed } = await deskWithUnknown(["1", "2", "3"]);
  const lost: Record<string, unknown> = {
    "1": { code: "unavailable", message: "" },
    "3": { code: "not_found", message: "" },
  };
  let times = 0;
  answers["GET /api/conversations/{id}"] = ({ id = "" }) => {
    times += 1;
    const detail = feed.detail(id, 50);
    const reason = lost[id];
    if (id !== "3") delete lost[id];
    if (reason) throw reason;
    return times === 2 ? { ...detail, at: { epoch: "another", position: 1 } } : detail;
  };
  for (const id of ["1", "2", "3"]) speakOf(id);
  await runLater();
  expect([core.rowNow("1")?.id, core.rowNow("2")?.id, core.rowNow("3")]).toEqual(["1", "2", undefined]);
  expect(times).toBe(5);
});

/** An answer that comes when the test gives it. */
function awaited<T>(): { readonly answer: Promise<T>; give(value: T): void } {
  let give: (value: T) => void = () => undefined;
  const answer = new Promise<T>((done) => {
    give = done;
  });
  return { answer, give: (value) => give(value) };
}

/** What a search finds, each in a conversation of its own. */
function hits(next: string | null, ...ids: string[]): SearchPage {
  return { hits: ids.map((id) => ({ conversation: row(id), message: null, excerpt: [] })), next };
}

function foundBy({ search }: Desk): string[] | undefined {
  return search.view.value.hits?.map((hit) => hit.conversation.id);
}

it("shows what was found once, though an older page comes after the first one was asked for anew", async () => {
  const late = awaited<SearchPage>();
  answers["GET /api/search"] = ({ query }) => (query?.cursor === undefined ? hits("more", "1", "2") : late.answer);
  const made = desk();
  await made.search.open("lamp");
  void made.search.loadMore();
  heard.reset?.("too_old");
  await settle();
  expect(foundBy(made)).toEqual(["1", "2"]);
  late.give(hits(null, "3"));
  await settle();
  expect(foundBy(made)).toEqual(["1", "2"]);
  answers["GET /api/search"] = () => hits(null, "3");
  await made.search.loadMore();
  expect(foundBy(made)).toEqual(["1", "2", "3"]);
});

it("shows nothing of other words, and asks again for what came too old", async () => {
  const late = awaited<SearchPage>();
  answers["GET /api/search"] = ({ query }) => (query?.q === "lamp" ? late.answer : hits(null, "1"));
  const made = desk();
  void made.search.open("lamp");
  await made.search.open("lampshade");
  late.give(hits(null, "2"));
  await settle();
  expect(foundBy(made)).toEqual(["1"]);
  let times = 0;
  answers["GET /api/search"] = () => {
    times += 1;
    // What was asked before is behind all that is remembered.
    if (times === 1) made.core.state.recent.floor = made.core.state.position += 1;
    return hits(null, "3");
  };
  await made.search.open("shade");
  await settle();
  expect([times, foundBy(made), made.core.rowNow("3")?.id]).toEqual([2, ["3"], "3"]);
});

it("asks again for a search that found no connection, when there is one", async () => {
  answers["GET /api/search"] = () => {
    throw { code: "unavailable", message: "" };
  };
  const made = desk();
  heard.state?.({ status: "offline", retryAt: null } as never);
  await made.search.open("lamp");
  expect(made.search.view.value.error?.code).toBe("unavailable");
  answers["GET /api/search"] = () => hits(null, "1");
  heard.state?.({ status: "live", retryAt: null });
  await settle();
  expect([foundBy(made), made.search.view.value.error]).toEqual([["1"], null]);
});

it("asks again for a conversation and its older messages that found no connection, when there is one", async () => {
  const feed = new Feed();
  feed.begin("1");
  for (let more = 0; more < 3; more += 1) feed.write("1", false);
  const noWay = (): never => {
    throw { code: "unavailable", message: "" };
  };
  answers["GET /api/conversations/{id}"] = noWay;
  answers["GET /api/conversations/{id}/messages"] = noWay;
  const { conversations, core } = desk();
  const line = (status: string): void => heard.state?.({ status, retryAt: null } as never);
  const held = (): (number | undefined)[] => (core.state.threads.get("1")?.messages ?? []).map((one) => one.number);
  for (const frame of feed.frames) core.takeFrame(frame);
  line("offline");
  await conversations.open("1");
  expect(conversations.view.value.error?.code).toBe("unavailable");
  answers["GET /api/conversations/{id}"] = () => feed.detail("1", 2);
  line("live");
  await settle();
  expect([held(), conversations.view.value.error]).toEqual([[3, 4], null]);
  line("offline");
  await conversations.loadOlder();
  expect([held(), conversations.view.value.loadingOlder]).toEqual([[3, 4], false]);
  answers["GET /api/conversations/{id}/messages"] = () => ({
    messages: feed.detail("1", 50).messages.slice(0, 2),
    more: false,
  });
  line("live");
  await settle();
  expect(held()).toEqual([1, 2, 3, 4]);
});

it("asks for the list once, when far more have spoken than it asks for one by one", async () => {
  const many = Array.from({ length: 300 }, (_, place) => `far-${place}`);
  const { speakOf } = await deskWithUnknown(many);
  asked = [];
  for (const id of many) speakOf(id);
  const lists = (): number => asked.filter((route) => route === "GET /api/conversations").length;
  expect(lists()).toBe(0);
  await runLater();
  expect(lists()).toBe(1);
});

it("does not lay the answer to one's own change over what has come by event since", async () => {
  const feed = new Feed();
  feed.begin("1");
  answers["GET /api/conversations/{id}"] = () => feed.detail("1", 50);
  const { changes, conversations, core } = desk();
  for (const frame of feed.frames) core.takeFrame(frame);
  await conversations.open("1");
  const { contact } = feed.detail("1", 50);
  const named = (name: string): Contact => ({ ...contact, name });
  const { id } = contact;
  const late = awaited<Contact>();
  answers["PATCH /api/contacts/{id}"] = () => late.answer;
  const saved = changes.contact(id, { name: "Maria" });
  core.takeFrame({ position: 2, at: 2, event: "contact_changed", contact: named("Maria") });
  core.takeFrame({ position: 3, at: 3, event: "contact_changed", contact: named("Maria Jansen") });
  late.give(named("Maria"));
  await saved;
  expect(core.state.contacts.get(id)?.thing.name).toBe("Maria Jansen");
  answers["PATCH /api/contacts/{id}"] = () => named("M. Jansen");
  await changes.contact(id, { name: "M. Jansen" });
  expect(core.state.contacts.get(id)?.thing.name).toBe("M. Jansen");
});
