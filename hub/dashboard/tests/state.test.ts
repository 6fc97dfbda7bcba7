/** The store: whatever the order in which snapshots and events arrive, it ends where the hub is. */
import type { ConversationRow } from "@switchboard/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FOLDERS, moved, noCounts, takeCounts } from "../src/state/counts";
import { takeEvent } from "../src/state/events";
import { filtersIn, filtersOf } from "../src/state/filters";
import {
  compareKeys,
  emptyList,
  inFolder,
  type ListQuery,
  matches,
  mayJoin,
  replaced,
  shownOf,
  sortKey,
  withPage,
} from "../src/state/lists";
import { type RowPatch, type State, shownRow } from "../src/state/model";
import { afterDisconnect, expire, NOBODY, type Now, nextExpiry, presenceOf, takeSignal } from "../src/state/now";
import { addPending, changePending, lay, liftOverlay, overlayDone } from "../src/state/optimistic";
import { conversationOf, stateAfterReset, stateFrom, takeDetail, takeOlder, takePage } from "../src/state/snapshots";
import { Feed, ME, me, message, row, type Step, steps, TEAM, take } from "./events";

function heldRows(state: State): ConversationRow[] {
  return [...state.conversations.values()].map((held) => held.thing).sort((a, b) => (a.id < b.id ? -1 : 1));
}

function hubRows(feed: Feed): ConversationRow[] {
  return [...feed.rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Plays the steps; the snapshot is made after `made` of them and arrives when `arrives` of them have been heard. */
function interleaved(
  all: readonly Step[],
  made: number,
  arrives: number,
  snapshot: (feed: Feed) => (state: State) => void,
): { feed: Feed; state: State } {
  const feed = new Feed();
  const state = stateFrom(me());
  let arrive: ((state: State) => void) | null = null;
  all.forEach((step, place) => {
    if (place === made) arrive = snapshot(feed);
    take(feed, step);
  });
  arrive ??= snapshot(feed);
  feed.frames.forEach((frame, place) => {
    if (place === arrives) arrive?.(state);
    takeEvent(state, frame);
  });
  if (arrives >= feed.frames.length) arrive(state);
  return { feed, state };
}

describe("snapshots and events", () => {
  it("end in the hub's state, whenever a list was made and whenever it arrived", () => {
    fc.assert(
      fc.property(steps, fc.nat(40), fc.nat(40), (all, made, arrives) => {
        const { feed, state } = interleaved(all, made, arrives, (hub) => {
          const page = hub.page();
          return (target) => expect(takePage(target, page).kind).toBe("current");
        });
        expect(heldRows(state)).toEqual(hubRows(feed));
      }),
    );
  });

  it("end in the hub's thread, whenever a conversation was opened", () => {
    fc.assert(
      fc.property(steps, fc.nat(40), fc.nat(40), fc.integer({ min: 1, max: 8 }), (all, made, arrives, count) => {
        const { feed, state } = interleaved(all, made, arrives, (hub) => {
          if (!hub.messages.has("1")) hub.begin("1");
          const detail = hub.detail("1", count);
          return (target) => void takeDetail(target, detail);
        });
        const held = state.threads.get("1");
        const whole = feed.messages.get("1") ?? [];
        expect(held?.stale).toBe(false);
        expect(held?.messages).toEqual(whole.slice(-(held?.messages.length ?? 0)));
        expect(held?.more).toBe((held?.messages.length ?? 0) < whole.length);
      }),
    );
  });

  it("take an older page in without a hole, and with what was changed in it since it was asked for", () => {
    const feed = new Feed();
    const state = stateFrom(me());
    for (let i = 0; i < 10; i += 1) feed.write("1", false);
    for (const frame of feed.frames) takeEvent(state, frame);
    takeDetail(state, feed.detail("1", 3));
    const older = { messages: feed.messages.get("1")?.slice(0, 7) ?? [], more: false };
    const askedAt = state.position;
    const heard = feed.frames.length;
    feed.edit("1");
    feed.write("1", false);
    for (const frame of feed.frames.slice(heard)) takeEvent(state, frame);
    takeOlder(state, "1", older, askedAt);
    expect(state.threads.get("1")?.messages).toEqual(feed.messages.get("1"));
    expect(state.threads.get("1")?.more).toBe(false);
  });

  it("ignore an event at or below a snapshot's position", () => {
    const feed = new Feed();
    feed.write("1", false);
    feed.change("1", true);
    const state = stateFrom(me());
    takePage(state, feed.page());
    for (const frame of feed.frames) takeEvent(state, frame);
    expect(heldRows(state)).toEqual(hubRows(feed));
  });

  it("name a conversation that is not held, and say when a message was missed", () => {
    const feed = new Feed();
    feed.write("1", false);
    feed.write("1", false);
    feed.write("1", false);
    const state = stateFrom(me(1));
    const touched = takeEvent(state, feed.frames[1] as (typeof feed.frames)[number]);
    expect([...touched.unknown.keys()]).toEqual(["1"]);

    const other = stateFrom(me());
    takeDetail(other, { ...feed.detail("1", 1), messages: [message("1", 1)], at: { epoch: "e1", position: 1 } });
    takeEvent(other, feed.frames[2] as (typeof feed.frames)[number]);
    expect(other.threads.get("1")?.stale).toBe(true);
  });

  it("refuse a snapshot of another epoch", () => {
    const state = stateFrom(me());
    expect(takePage(state, { rows: [], next: null, at: { epoch: "other", position: 9 } }).kind).toBe("too_old");
  });

  it("start afresh after a reset, keeping what the person wrote and nothing else", () => {
    const feed = new Feed();
    feed.begin("1");
    const before = stateFrom(me());
    takePage(before, feed.page());
    addPending(before, pending("c1"));
    const after = stateAfterReset(before, me(9));
    expect(after.conversations.size).toBe(0);
    expect(after.pending.get("1")?.map((one) => one.clientId)).toEqual(["c1"]);
  });
});

function pending(clientId: string) {
  return {
    clientId,
    conversationId: "1",
    note: false,
    text: "hello",
    attachments: [],
    at: 1,
    state: { kind: "sending" },
  } as const;
}

describe("what was done here", () => {
  it("gives way to its event by the client's id, and to nobody else's", () => {
    const feed = new Feed();
    feed.begin("1");
    const state = stateFrom(me());
    takeDetail(state, feed.detail("1", 10));
    addPending(state, pending("c-1-2"));
    addPending(state, pending("c-1-9"));
    feed.write("1", true);
    takeEvent(state, feed.frames[1] as (typeof feed.frames)[number]);
    expect(state.pending.get("1")?.map((one) => one.clientId)).toEqual(["c-1-9"]);
    expect(state.threads.get("1")?.messages.map((one) => one.number)).toEqual([1, 2]);
  });

  it("stays with its text and the reason when it is refused", () => {
    const state = stateFrom(me());
    addPending(state, pending("c1"));
    changePending(state, "1", "c1", { kind: "failed", error: { code: "too_large", message: "Too long." } });
    expect(state.pending.get("1")?.[0]).toMatchObject({
      text: "hello",
      state: { kind: "failed", error: { message: "Too long." } },
    });
  });

  it("lies over the conversation until its event, or until it is refused", () => {
    const feed = new Feed();
    feed.begin("1");
    const state = stateFrom(me());
    takePage(state, feed.page());
    lay(state, "1", { id: "o1", patch: { status: "closed" }, until: null });
    expect(shownRow(state, "1")?.status).toBe("closed");
    expect(state.conversations.get("1")?.thing.status).toBe("open");
    feed.change("1", true);
    overlayDone(state, "1", "o1", feed.position);
    expect(shownRow(state, "1")?.status).toBe("closed");
    takeEvent(state, feed.frames[1] as (typeof feed.frames)[number]);
    expect(state.overlays.size).toBe(0);
    expect(shownRow(state, "1")?.status).toBe("closed");

    lay(state, "1", { id: "o2", patch: { status: "open" }, until: null });
    liftOverlay(state, "1", "o2");
    expect(shownRow(state, "1")?.status).toBe("closed");
  });
});

describe("counts", () => {
  it("stay exact by events, wherever the hub's count falls among them", () => {
    fc.assert(
      fc.property(steps, fc.nat(40), fc.nat(40), (all, made, arrives) => {
        const feed = new Feed();
        const count = () => ({
          folders: FOLDERS.map((folder) => ({
            folder,
            conversations: hubRows(feed).filter((one) => inFolder(one, folder, ME)).length,
          })),
          inboxes: [],
          teams: [
            {
              team_id: TEAM,
              conversations: hubRows(feed).filter((one) => one.team_id === TEAM && inFolder(one, "inbox", ME)).length,
            },
          ],
          at: { epoch: "e1", position: feed.position },
        });
        let counted = count();
        all.forEach((step, place) => {
          if (place <= made) counted = count();
          take(feed, step);
        });
        const state = stateFrom(me());
        let counts = noCounts(0);
        feed.frames.forEach((frame, place) => {
          if (place === Math.min(arrives, feed.frames.length - 1)) counts = takeCounts(counts, counted);
          const id = conversationOf(frame) as string;
          const before = state.conversations.get(id)?.thing;
          takeEvent(state, frame);
          counts = moved(
            counts,
            frame.position,
            before,
            state.conversations.get(id)?.thing,
            ME,
            frame.event === "conversation_created",
          );
        });
        if (feed.frames.length === 0) return;
        expect(counts.doubtful).toBe(false);
        for (const { team_id: id, conversations } of count().teams)
          expect([id, counts.teams.get(id) ?? 0]).toEqual([id, conversations]);
        for (const { folder, conversations } of count().folders)
          expect([folder, counts.folders.get(folder) ?? 0]).toEqual([folder, conversations]);
      }),
    );
  });

  it("are in doubt when an event touched what is not held", () => {
    const counts = takeCounts(noCounts(0), { folders: [], inboxes: [], teams: [], at: { epoch: "e1", position: 5 } });
    expect(moved(counts, 6, undefined, undefined, ME, false).doubtful).toBe(true);
    expect(moved(counts, 5, undefined, undefined, ME, false).doubtful).toBe(false);
  });
});

describe("lists", () => {
  const query: ListQuery = { folder: "inbox", sort: "activity" };

  it("hold exactly what matches, in order, after any events", () => {
    fc.assert(
      fc.property(
        steps,
        fc.constantFrom("inbox", "unread", "closed"),
        fc.constantFrom("activity", "created", "waiting"),
        (all, folder, sort) => {
          const wanted: ListQuery = { folder, sort };
          const feed = new Feed();
          const state = stateFrom(me());
          const rowOf = (id: string) => shownRow(state, id);
          let list = withPage(emptyList(wanted), [], null, rowOf, ME);
          for (const step of all) {
            const heard = feed.frames.length;
            take(feed, step);
            for (const frame of feed.frames.slice(heard))
              list = replaced(list, takeEvent(state, frame).conversations, rowOf, ME);
          }
          const expected = hubRows(feed)
            .filter((one) => matches(one, wanted, ME))
            .sort((a, b) => compareKeys(sortKey(a, sort), sortKey(b, sort), sort));
          expect(list.ids).toEqual(expected.map((one) => one.id));
        },
      ),
    );
  });

  it("hold by every filter exactly what passes it, also what comes in by an event alone", () => {
    const plain = row("1", { created_at: 50, last_activity_at: 50 });
    const other = { ...plain, place: "inbox" as const };
    const cases: readonly (readonly [Partial<ListQuery>, Partial<ConversationRow>])[] = [
      [{ priority: "high" }, { priority: "high" }],
      [{ tag: "vip" }, { tags: ["new", "vip"] }],
      [{ flagged: true }, { flagged: true }],
      [{ has_files: true }, { has_files: true }],
      [{ language: "PT" }, { language: "pt-BR" }],
      [{ assignee: "me" }, { assignees: [ME] }],
      [
        { last_by: "team" },
        { preview: { number: 1, kind: "out", author: { kind: "agent", id: ME }, text: "", attachments: 0 } },
      ],
      [{ created_from: 60, created_before: 71 }, { created_at: 70 }],
      [{ active_from: 60, active_before: 71 }, { last_activity_at: 70 }],
      [{ folder: "sent" }, { started_by: ME }],
    ];
    for (const [filter, change] of cases) {
      const wanted: ListQuery = { ...query, ...filter };
      const fits = { ...plain, ...change };
      expect([filter, matches(other, wanted, ME)]).toEqual([filter, false]);
      expect([filter, matches(fits, wanted, ME)]).toEqual([filter, true]);
      // It was never held: nothing is known of it but what the event says.
      const moves = !["language", "created_from", "folder"].some((name) => name in filter);
      if (moves) expect([filter, mayJoin(change as RowPatch, emptyList(wanted), ME)]).toEqual([filter, true]);
    }
    expect(matches({ ...plain, language: "pts" }, { ...query, language: "pt" }, ME)).toBe(false);
    expect(matches(plain, { ...query, flagged: false, has_files: false }, ME)).toBe(true);
  });

  it("have an address that says all of their filters", () => {
    const wanted: ListQuery = {
      folder: "sent",
      sort: "waiting",
      assignee: "me",
      priority: "none",
      tag: "a & b",
      last_by: "contact",
      flagged: false,
      language: "nb",
      has_files: true,
      created_from: 0,
      active_before: 1_700_000_000_000,
    };
    const search = new URLSearchParams(Object.entries(filtersIn(wanted)).map(([name, value]) => [name, String(value)]));
    expect(filtersOf(search)).toEqual(filtersIn(wanted));
    expect(filtersOf(new URLSearchParams("flagged=perhaps&priority=highest&created_from=-1"))).toEqual({});
  });

  it("put the newest first as the hub does, by number: two hubs' clocks differ", () => {
    const rows = new Map([
      ["9", row("9", { number: 9, created_at: 1_000 })],
      ["8", row("8", { number: 8, created_at: 1_005 })],
    ]);
    const byAge: ListQuery = { ...query, sort: "created" };
    const list = withPage(emptyList(byAge), [...rows.values()], "more", (id) => rows.get(id), ME);
    expect(list.ids).toEqual(["9", "8"]);
  });

  it("leave to the hub what lies below the loaded part", () => {
    const rows = new Map([5, 4, 3].map((at) => [`${at}`, row(`${at}`, { last_activity_at: at })]));
    const rowOf = (id: string) => rows.get(id);
    const list = withPage(emptyList(query), [...rows.values()], "more", rowOf, ME);
    rows.set("1", row("1", { last_activity_at: 1 }));
    rows.set("9", row("9", { last_activity_at: 9 }));
    expect(replaced(list, new Set(["1", "9"]), rowOf, ME).ids).toEqual(["9", "5", "4", "3"]);
  });

  it("hold their place, say how many wait, and let go", () => {
    const list = { query, ids: ["b", "a"], horizon: null, cursor: null };
    const shown = shownOf(list, { ids: [], waiting: 0 }, false, null, new Set());
    const live = { ...list, ids: ["new", "a", "b"] };
    const held = shownOf(live, shown, true, null, new Set());
    expect(held).toEqual({ ids: ["b", "a"], waiting: 2 });
    expect(shownOf({ ...live, ids: ["new", "a", "b", "older"] }, held, true, null, new Set()).ids).toEqual([
      "b",
      "a",
      "older",
    ]);
    expect(shownOf(live, held, true, null, new Set(["b"])).ids).toEqual(["a"]);
    expect(shownOf(live, held, false, null, new Set())).toEqual({ ids: ["new", "a", "b"], waiting: 0 });
  });

  it("keep the open conversation where it stood though it no longer belongs", () => {
    const list = { query, ids: ["c", "a"], horizon: null, cursor: null };
    expect(shownOf(list, { ids: ["c", "b", "a"], waiting: 0 }, false, "b", new Set()).ids).toEqual(["c", "b", "a"]);
    expect(shownOf(list, { ids: ["c", "b", "a"], waiting: 0 }, false, "b", new Set(["b"])).ids).toEqual(["c", "a"]);
  });
});

describe("what is true now", () => {
  it("runs out by itself, by the time that is handed in", () => {
    const typing = {
      signal: "typing",
      conversation_id: "1",
      who: { kind: "contact", id: "c" },
      on: true,
      note: false,
      ttl_ms: 5_000,
    } as const;
    const now = takeSignal(NOBODY, typing, 1_000);
    expect(nextExpiry(now)).toBe(6_000);
    expect(expire(now, 5_999).typing.size).toBe(1);
    expect(expire(now, 6_000).typing.size).toBe(0);
    expect(takeSignal(now, { ...typing, on: false }, 2_000).typing.size).toBe(0);
  });

  it("takes a whole team for the truth: who is not named is not here", () => {
    const ben = { agent_id: "ben", availability: "online" } as const;
    const now = takeSignal(NOBODY, { signal: "team", changed: [ben] }, 1);
    expect(now.team.get("ben")).toBe("online");
    expect(
      takeSignal(
        now,
        { signal: "team", changed: [{ agent_id: "cleo", availability: "busy" }], whole: true },
        2,
      ).team.has("ben"),
    ).toBe(false);
  });

  it("says of nobody whether they are here while nobody can know", () => {
    const ben = { agent_id: "ben", availability: "online" } as const;
    const whole = { signal: "team" as const, changed: [ben], whole: true };
    const now = takeSignal(NOBODY, whole, 1);
    const of = (one: Now) => [presenceOf(one, "ben"), presenceOf(one, "cleo")];
    expect(of(now)).toEqual(["online", null]);
    expect(of(afterDisconnect(now))).toEqual([undefined, undefined]);
    expect(of(takeSignal(afterDisconnect(now), whole, 2))).toEqual(["online", null]);
  });

  it("takes the whole of who looks for the truth: what is not named nobody has open", () => {
    const ben = { agent_id: "ben", mode: "viewing" } as const;
    const looks = (id: string) => ({ signal: "viewers" as const, conversation_id: id, viewers: [ben] });
    const now = takeSignal(takeSignal(NOBODY, looks("1"), 1), looks("2"), 1);
    const open = [{ conversation_id: "2", viewers: [{ ...ben, mode: "replying" as const }] }];
    const whole = takeSignal(now, { signal: "all_viewers", open }, 2);
    expect([...whole.viewers]).toEqual([["2", [{ agent_id: "ben", mode: "replying" }]]]);
  });
});

describe("a message that is moved", () => {
  function opened(id: string, numbers: readonly number[]): Parameters<typeof takeDetail>[1] {
    const messages = numbers.map((number) => message(id, number));
    const contact = { ...row(id).contact, email: null, phone: null, language: null, time_zone: null, notes: "" };
    return {
      row: row(id),
      contact: { ...contact, tags: [], identities: [], created_at: 1 },
      messages,
      more: false,
      viewers: [],
      visitor_here: false,
      visitor_page: null,
      at: { epoch: me().at.epoch, position: 0 },
    };
  }

  it("stands at its new place, and its line at the old one, in whichever threads are held", () => {
    const state = stateFrom(me());
    takeDetail(state, opened("one", [1, 2]));
    takeDetail(state, opened("two", [1]));
    const to = { id: "two", case_number: "SB-2" };
    const words = (id: string) => state.threads.get(id)?.messages.map((one) => one.line?.kind ?? one.id);
    const line = message("one", 1, {
      id: "line",
      kind: "system",
      line: { kind: "message_moved", message_id: "one-1", to },
    });
    const there = message("two", 2, { id: "one-1" });
    const first = state.position + 1;
    takeEvent(state, { t: "event", position: first, at: 1, event: "message_moved", message: there, line } as never);
    expect([words("one"), words("two")]).toEqual([
      ["message_moved", "one-2"],
      ["two-1", "one-1"],
    ]);
    // It comes back: the line in the other one has its number now.
    const back = message("two", 2, { ...line, conversation_id: "two", number: 2 });
    const frame = {
      t: "event",
      position: first + 1,
      at: 1,
      event: "message_moved",
      message: message("one", 1),
      line: back,
    };
    takeEvent(state, frame as never);
    expect([words("one"), words("two")]).toEqual([
      ["one-1", "one-2"],
      ["two-1", "message_moved"],
    ]);
    expect(state.threads.get("one")?.stale).toBe(false);
  });
});
