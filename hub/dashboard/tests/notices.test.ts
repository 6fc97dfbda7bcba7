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
  let refuse = (): void => undefined;
  const api = (route: string) =>
    route.startsWith("GET")
      ? new Promise((done, failed) => {
          refuse = () => failed({ code: "unavailable", message: "" });
          answer = () => done({ rows, choices, at: { epoch: "e", position: 10 } });
        })
      : Promise.reject({ code: "unavailable", message: "" });
  const notices = makeNotices({ api, clock: () => NOW } as unknown as Core);
  const shown = () => notices.list.value?.map((one) => `${one.kind} ${one.conversation_id}${one.read ? " read" : ""}`);
  return { notices, shown, answer: Object.assign(() => answer(), { now: () => answer }), refuse: () => refuse() };
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

it("loses nothing where the hub is asked twice at once, and believes the later answer", async () => {
  const { notices, shown, answer } = made([told("assigned", "1")]);
  const first = notices.load();
  const answerFirst = answer.now();
  notices.take(notified(11, told("answered", "2")));
  const second = notices.load();
  notices.take(notified(12, told("mention", "3")));
  answer();
  await second;
  answerFirst();
  await first;
  expect(shown()).toEqual(["mention 3", "assigned 1"]);
});

it("asks again where the last answer did not come, and says why it did not", async () => {
  const { notices, shown, answer, refuse } = made([told("assigned", "1")]);
  const failed = notices.load();
  refuse();
  await failed;
  expect(notices.error.value?.code).toBe("unavailable");
  expect(shown()).toBeUndefined();
  notices.want();
  answer();
  await expect.poll(shown).toEqual(["assigned 1"]);
  expect(notices.error.value).toBeNull();
});

it("forgets what was deleted forever", async () => {
  const { notices, shown, answer } = made([told("assigned", "1"), told("answered", "2")]);
  const loaded = notices.load();
  answer();
  await loaded;
  notices.take(frame(11, { event: "conversation_removed", conversation_id: "1" }));
  expect(shown()).toEqual(["answered 2"]);
  expect(notices.unread.value).toBe(1);
});

it("brings back no more than was refused", async () => {
  const { notices, shown, answer } = made([told("assigned", "1")]);
  const loaded = notices.load();
  answer();
  await loaded;
  const seen = notices.seen("1");
  notices.take(notified(11, told("answered", "2")));
  expect((await seen)?.code).toBe("unavailable");
  expect(shown()).toEqual(["answered 2", "assigned 1"]);
  const chosen = notices.choose({ kind: "assigned", app: false, sound: false, desktop: false });
  notices.take(
    frame(12, {
      event: "notification_choices_changed",
      choices: notices.choices.value.map((one) => ({ ...one, desktop: true })),
    }),
  );
  await chosen;
  expect(notices.choices.value.map((one) => one.desktop)).toEqual([false, true, true, true, true]);
});
