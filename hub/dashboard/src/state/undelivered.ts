/**
 * Which conversations have an answer that did not arrive, for the mark in the list. Known from events and from threads that
 * were opened: a row of the list does not say it.
 */
import type { AgentEventFrame, ConversationId, Message } from "@switchboard/protocol";
import type { State } from "./model";

/** What an event says of it. */
export function undeliveredAfter(state: State, frame: AgentEventFrame): void {
  switch (frame.event) {
    case "delivery_changed": {
      const { conversation_id: id, number, delivery } = frame;
      const known = state.undelivered.get(id) ?? 0;
      if (delivery === "failed" && number >= known) return put(state, id, number);
      if (delivery !== "failed" && number === known) put(state, id, undefined);
      return;
    }
    case "message_created":
      if (frame.message.kind === "out") lookAt(state, frame.message.conversation_id, [frame.message]);
      return;
    default:
  }
}

/** What the newest messages of a conversation say of it. */
export function lookAt(state: State, id: ConversationId, messages: readonly Message[]): void {
  const last = messages.findLast((one) => one.kind === "out");
  if (last) put(state, id, last.delivery === "failed" ? last.number : undefined);
}

function put(state: State, id: ConversationId, number: number | undefined): void {
  if (state.undelivered.get(id) === number) return;
  const next = new Map(state.undelivered);
  if (number === undefined) next.delete(id);
  else next.set(id, number);
  state.undelivered = next;
}
