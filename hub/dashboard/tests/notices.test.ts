import type { AgentEventFrame, Notification, NotificationChoice, NotificationKind } from "@switchboard/protocol";
import { expect, it } from "vitest";
import type { Core } from "../src/desk/core";
import { makeNotices } from "../src/desk/notices";

const NOW = 1_800_000_000_000;

function told(kind: NotificationKind, conversation_id: string, at = NOW): Notification {
  const by = { kind: "agent", id: "ben" } as const;
  const contact = { id: "c", name: "Maria" };
  return {
    kind,
    conversation_id,
    number: 3,
    at,
    by,
    read: false,
    contact,
    case_number: "SB-1",
    subject: null,
    preview: null,
  };
}

const frame = (position: number, event: object, at = NOW) => ({ position, at, ...event }) as AgentEventFrame;
const notified = (position: number, notification: Notification) =>
  frame(position, { event: "notified", notification }, notification.at);

/** Asks a hub that answers when it is told to. */
function made(rows: readonly Notification[], off: readonly NotificationKind[] = []) {
  const choices = (["assigned", "mention", "answered", "new_conversation", "reminder_due"] as const).map(
    (kind): NotificationChoice => ({ kind, app: !off.includes(kind), sound: true, desktop: false }),
  );
  let answer = (): void => undefined;
  const api = (route: string) =>
    route.startsWith("GET")
      ? new Promise((done) => {
          answer = () => done({ rows, choices, at: { epoch: "e", position: 10 } });
        })
      : Promise.reject({ code: "unavailable", message: "" });
  const notices = makeNotices({ api, clock: () => NOW } as unknown as Core);
  const shown = () => notices.list.value?.map((one) => `${one.kind} ${one.conversation_id}${one.read ? " read" : ""}`);
  return { notices, shown, answer: () => answer() };
}

it("loses nothing of what comes while the hub is asked, and takes nothing twice", async () => {
  const { notices, shown, answer } = made([told("assigned", "1")]);
  const loaded = notices.load();
  notices.take(notified(9, told("assigned", "1")));
  notices.take(notified(11, told("answered", "2")));
  answer();
  await loaded;
  expect(shown()).toEqual(["answered 2", "assigned 1"]);
  notices.take(frame(12, { event: "read_changed", conversation_id: "2", number: 2 }));
  expect(notices.unread.value).toBe(2);
  notices.take(frame(13, { event: "read_changed", conversation_id: "2", number: 3 }));
  expect(shown()).toEqual(["answered 2 read", "assigned 1"]);
  notices.take(frame(14, { event: "notifications_read", conversation_id: null }));
  expect(notices.unread.value).toBe(0);
});

it("rings for what is new, and not for what came while one was away; what is not wanted in the list is not there", async () => {
  const { notices, shown, answer } = made([], ["answered"]);
  const rung: string[] = [];
  notices.onTold((one) => rung.push(one.conversation_id));
  const loaded = notices.load();
  answer();
  await loaded;
  notices.take(notified(11, told("assigned", "1", NOW - 3_600_000)));
  notices.take(notified(12, told("answered", "2")));
  expect(shown()).toEqual(["assigned 1"]);
  expect(rung).toEqual(["2"]);
});

it("shows what was read at once, and takes that back when the hub does not", async () => {
  const { notices, shown, answer } = made([told("assigned", "1"), told("mention", "2")]);
  const loaded = notices.load();
  answer();
  await loaded;
  const done = notices.seen("1");
  expect(shown()).toEqual(["assigned 1 read", "mention 2"]);
  expect((await done)?.code).toBe("unavailable");
  expect(shown()).toEqual(["assigned 1", "mention 2"]);
});
