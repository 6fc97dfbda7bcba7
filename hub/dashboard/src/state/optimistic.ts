/**
 * What was done here and is not yet an event. It shows at once; the event takes its place, a refusal brings it back with
 * its reason and its text.
 */
import type { ApiError, ConversationId, Message } from "@switchboard/protocol";
import { nothingTouched, type Overlay, type Pending, type PendingState, type State, type Touched } from "./model";

/** Shows a message that was just written. */
export function addPending(state: State, pending: Pending): Touched {
  const before = state.pending.get(pending.conversationId) ?? [];
  state.pending.set(pending.conversationId, [...before.filter((one) => one.clientId !== pending.clientId), pending]);
  return touchedThread(pending.conversationId);
}

export function changePending(state: State, id: ConversationId, clientId: string, next: PendingState): Touched {
  const list = state.pending.get(id);
  if (!list?.some((one) => one.clientId === clientId)) return nothingTouched();
  state.pending.set(
    id,
    list.map((one) => (one.clientId === clientId ? { ...one, state: next } : one)),
  );
  return touchedThread(id);
}

/** Takes a message back out, for one who wants to write it anew or not at all. */
export function dropPending(state: State, id: ConversationId, clientId: string): Pending | undefined {
  const list = state.pending.get(id) ?? [];
  const found = list.find((one) => one.clientId === clientId);
  const left = list.filter((one) => one !== found);
  if (left.length === 0) state.pending.delete(id);
  else state.pending.set(id, left);
  return found;
}

/** The message has come as an event or in a snapshot: its stand-in goes. */
export function settlePending(state: State, message: Message): boolean {
  if (!message.client_id || message.author.kind !== "agent" || message.author.id !== state.me) return false;
  return dropPending(state, message.conversation_id, message.client_id) !== undefined;
}

/** Lays a change over the conversation until its event has come. */
export function lay(state: State, id: ConversationId, overlay: Overlay): Touched {
  state.overlays.set(id, [...(state.overlays.get(id) ?? []), overlay]);
  return touchedConversation(id);
}

/** The hub has committed the change at `position`, or had nothing to change (`undefined`). */
export function overlayDone(
  state: State,
  id: ConversationId,
  overlayId: string,
  position: number | undefined,
): Touched {
  if (position === undefined || position <= state.position) return liftOverlay(state, id, overlayId);
  const overlays = state.overlays.get(id) ?? [];
  state.overlays.set(
    id,
    overlays.map((one) => (one.id === overlayId ? { ...one, until: position } : one)),
  );
  return nothingTouched();
}

/** The hub has refused the change: what is held shows again. */
export function liftOverlay(state: State, id: ConversationId, overlayId: string): Touched {
  const left = (state.overlays.get(id) ?? []).filter((one) => one.id !== overlayId);
  if (left.length === 0) state.overlays.delete(id);
  else state.overlays.set(id, left);
  return touchedConversation(id);
}

/** A refusal that did not come from the hub. */
export function localError(message: string, code: ApiError["code"] = "unavailable"): ApiError {
  return { code, message };
}

function touchedThread(id: ConversationId): Touched {
  const touched = nothingTouched();
  touched.threads.add(id);
  return touched;
}

function touchedConversation(id: ConversationId): Touched {
  const touched = nothingTouched();
  touched.conversations.add(id);
  return touched;
}
