import type { VisitorConversation, VisitorMessage } from "@switchboard/protocol";
import { expect, test } from "vitest";

import type { Pending } from "../panel/chat";
import { entriesOf } from "../panel/entries";

const MINUTE = 60_000;
const conversation = { id: "c", staff_read_number: 1 } as VisitorConversation;

function message(number: number, kind: "you" | "agent", at: number): VisitorMessage {
  const author = kind === "you" ? { kind } : { kind, name: "Anna" };
  return { id: `m${number}`, conversation_id: "c", number, author, at, text: `${number}` };
}

function draw(messages: VisitorMessage[], pending: Pending[] = [], live = true) {
  const entries = entriesOf({
    messages,
    pending,
    conversation,
    live,
    dayOf: (at) => Math.floor(at / (24 * 60 * MINUTE)),
  });
  return entries.map((each) =>
    [each.text, each.opensDay && "day", each.opensGroup && "opens", each.closesGroup && "closes", each.mark]
      .filter(Boolean)
      .join(" "),
  );
}

test("one author's messages stand together until somebody else writes, time passes, or the day ends", () => {
  const messages = [
    message(1, "agent", 0),
    message(2, "agent", MINUTE),
    message(3, "you", 2 * MINUTE),
    message(4, "you", 20 * MINUTE),
    message(5, "agent", 24 * 60 * MINUTE - 1),
    message(6, "agent", 24 * 60 * MINUTE + 1),
  ];
  expect(draw(messages)).toEqual([
    "1 day opens",
    "2 closes",
    "3 opens closes",
    "4 opens closes delivery.sent",
    "5 opens closes",
    "6 day opens closes",
  ]);
});

test("a bot and a person of one name do not stand together, and the house's own lines are no bot's", () => {
  const from = (kind: "agent" | "bot", name: string, number: number) => ({
    ...message(number, "agent", number),
    author: { kind, name },
  });
  const messages = [from("bot", "", 1), from("bot", "Sam", 2), from("agent", "Sam", 3)];
  const entries = entriesOf({ messages, pending: [], conversation, live: true, dayOf: () => 0 });
  expect(entries.map(({ bot, opensGroup }) => [bot, opensGroup])).toEqual([
    [false, true],
    [true, true],
    [false, true],
  ]);
});

test("the visitor's last message says how far it has come", () => {
  expect(draw([message(1, "you", 0)])).toEqual(["1 day opens closes delivery.read"]);
  expect(draw([message(1, "you", 0), message(2, "you", 1)]).at(-1)).toBe("2 closes delivery.sent");
});

test("what is on its way says so instead", () => {
  const pending = (text: string, failed?: NonNullable<Pending["failed"]>): Pending => ({
    id: text,
    at: 1,
    text,
    attachments: [],
    ...(failed ? { failed } : {}),
  });
  expect(draw([message(1, "you", 0)], [pending("a"), pending("b", "too_large")])).toEqual([
    "1 day opens",
    "a delivery.queued",
    "b closes panel.failed",
  ]);
  expect(draw([], [pending("a")], false)).toEqual(["a day opens closes delivery.waiting"]);
});

test("an answer has the words of what it answers, of that conversation, and nothing of what is gone or not here", () => {
  const asked = { ...message(1, "you", 0), text: "in blue?" };
  const elsewhere = { ...message(1, "you", 0), id: "x", conversation_id: "other", text: "in red?" };
  const answer = { ...message(3, "agent", 1), answers: 1 };
  const quoted = (...messages: VisitorMessage[]) =>
    entriesOf({ messages, pending: [], conversation, live: true, dayOf: () => 0 }).at(-1)?.quote;
  expect(quoted(elsewhere, asked, answer)).toBe("in blue?");
  expect(quoted(elsewhere, answer)).toBeUndefined();
  expect(quoted({ ...asked, text: "", deleted_at: 2 }, answer)).toBeFalsy();
  expect(quoted(asked, message(3, "agent", 1))).toBeUndefined();
});
