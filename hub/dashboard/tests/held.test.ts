/** Answers that wait before they go out, in the thread that shows them. */
import type { AgentEventFrame, HeldReply, Message } from "@switchboard/protocol";
import { describe, expect, it } from "vitest";
import type { Thread } from "../src/state/model";
import { joined, threadAfter } from "../src/state/threads";

const held = (client_id: string, due_at: number, by = "an"): HeldReply => ({
  client_id,
  conversation_id: "c",
  by,
  at: 1,
  due_at,
  text: client_id,
});
const message = (number: number, client_id?: string): Message => ({
  id: `m${number}`,
  conversation_id: "c",
  number,
  kind: "out",
  author: { kind: "agent", id: "an" },
  at: 1,
  text: "x",
  ...(client_id === undefined ? {} : { client_id }),
});
const empty: Thread = { messages: [message(1)], more: false, at: 1, stale: false };
const event = (position: number, said: object) => ({ position, at: 1, ...said }) as AgentEventFrame;
const ids = (thread: Thread) => thread.held?.map((one) => one.client_id);

describe("what is held", () => {
  it("stands in the order in which it goes out, each once", () => {
    const first = threadAfter(empty, event(2, { event: "reply_held", held: held("b", 20) }));
    const second = threadAfter(first, event(3, { event: "reply_held", held: held("a", 10) }));
    const again = threadAfter(second, event(4, { event: "reply_held", held: held("b", 20) }));
    expect(ids(again)).toEqual(["a", "b"]);
  });

  it("is the message that it becomes, and nobody else's of that name", () => {
    const two: Thread = { ...empty, held: [held("a", 10), held("a", 10, "bo")] };
    const sent = threadAfter(two, event(2, { event: "message_created", message: message(2, "a"), patch: {} }));
    expect(sent.held?.map(({ by }) => by)).toEqual(["bo"]);
    const gone = { event: "held_reply_gone", conversation_id: "c", by: "bo", client_id: "a" };
    expect(ids(threadAfter(sent, event(3, gone)))).toEqual([]);
  });

  it("outlives a page of older messages, which knows of none", () => {
    const here: Thread = { ...empty, messages: [message(2)], held: [held("a", 10)] };
    expect(ids(joined(here, { messages: [message(1)], more: false, at: 5, stale: false }))).toEqual(["a"]);
  });
});
