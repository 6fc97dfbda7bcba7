/**
 * Events into the store: one function per event. An event at or below the position of what it speaks of is old news and
 * changes nothing, so it does not matter in which order snapshots and events arrive.
 */
import type { AgentEventFrame, Contact, ContactBrief, ContactId, ConversationId } from "@switchboard/protocol";
import { type Held, KEPT_EVENTS, nothingTouched, patched, type RowPatch, type State, type Touched } from "./model";
import { dropPending, settlePending } from "./optimistic";
import { threadAfter } from "./threads";

type EventOf<Name extends AgentEventFrame["event"]> = Extract<AgentEventFrame, { event: Name }>;

/** Takes in the next event of the feed. One that was taken in before is ignored. */
export function takeEvent(state: State, frame: AgentEventFrame, touched: Touched = nothingTouched()): Touched {
  if (frame.position <= state.position) return touched;
  state.position = frame.position;
  keep(state, frame);
  applyEvent(state, frame, touched);
  settleOverlays(state, touched);
  return touched;
}

/** Every event up to here that concerns this person has been sent. */
export function takePosition(state: State, position: number, touched: Touched = nothingTouched()): Touched {
  if (position > state.position) state.position = position;
  settleOverlays(state, touched);
  return touched;
}

/** What an event means for what is held. Also used to bring an older snapshot up to date, so it must bear repetition. */
export function applyEvent(state: State, frame: AgentEventFrame, touched: Touched): void {
  switch (frame.event) {
    case "conversation_created":
      return conversationCreated(state, frame, touched);
    case "message_created":
      return messageCreated(state, frame, touched);
    case "message_moved":
      changeThread(state, frame.line.conversation_id, frame, touched);
      return changeThread(state, frame.message.conversation_id, frame, touched);
    case "message_changed":
      return changeThread(state, frame.message.conversation_id, frame, touched);
    case "conversation_changed":
      return conversationChanged(state, frame, touched);
    case "conversation_removed":
      return conversationRemoved(state, frame.conversation_id, touched);
    case "contact_removed":
      return contactRemoved(state, frame.contact_id, touched);
    case "delivery_changed":
      return changeThread(state, frame.conversation_id, frame, touched);
    case "reply_held":
      return replyHeld(state, frame, touched);
    case "held_reply_gone":
      return changeThread(state, frame.conversation_id, frame, touched);
    case "contact_changed":
      return contactChanged(state, frame, touched);
    case "read_changed":
      return readChanged(state, frame, touched);
    case "agent_changed":
      return houseChanged(state.agents, frame.agent.id, frame.agent, frame.position, touched);
    case "agent_removed":
      return houseRemoved(state.agents, frame.agent_id, frame.position, touched);
    case "team_changed":
      return houseChanged(state.teams, frame.team.id, frame.team, frame.position, touched);
    case "team_removed":
      return houseRemoved(state.teams, frame.team_id, frame.position, touched);
    case "inbox_changed":
      return houseChanged(state.inboxes, frame.inbox.id, frame.inbox, frame.position, touched);
    case "inbox_removed":
      return houseRemoved(state.inboxes, frame.inbox_id, frame.position, touched);
    case "inbox_health_changed":
      return houseChanged(state.health, frame.health.inbox_id, frame.health, frame.position, touched);
    case "bot_changed":
      return houseChanged(state.bots, frame.bot.id, frame.bot, frame.position, touched);
    case "conversation_bots_changed":
      return conversationBotsChanged(state, frame, touched);
    // Of the person, not of what is held here: desk/notices.
    case "notified":
    case "notifications_read":
    case "notification_choices_changed":
    // Nothing of it is held here: whoever shows it asks.
    case "contact_cards_changed":
    case "tags_changed":
    case "templates_changed":
    case "views_changed":
    // A reset follows, which is what empties the store.
    case "access_changed":
      return;
    default:
      return unknownEvent(frame);
  }
}

/** A newer hub may send events that this page does not know yet: they are not for it. */
function unknownEvent(_frame: never): void {}

function keep(state: State, frame: AgentEventFrame): void {
  state.recent.frames.push(frame);
  if (state.recent.frames.length <= KEPT_EVENTS) return;
  const dropped = state.recent.frames.splice(0, KEPT_EVENTS / 2);
  state.recent.floor = dropped[dropped.length - 1]?.position ?? state.recent.floor;
}

function conversationCreated(state: State, frame: EventOf<"conversation_created">, touched: Touched): void {
  const { conversation } = frame;
  if (!state.conversations.has(conversation.id)) {
    state.conversations.set(conversation.id, { thing: { ...conversation, read_number: 0 }, at: frame.position });
    touched.conversations.add(conversation.id);
  }
  changeThread(state, conversation.id, frame, touched);
}

function messageCreated(state: State, frame: EventOf<"message_created">, touched: Touched): void {
  const id = frame.message.conversation_id;
  patchConversation(state, id, frame.position, frame.patch, touched);
  changeThread(state, id, frame, touched);
  if (settlePending(state, frame.message)) touched.threads.add(id);
}

function replyHeld(state: State, frame: EventOf<"reply_held">, touched: Touched): void {
  const { conversation_id: id, by, client_id } = frame.held;
  changeThread(state, id, frame, touched);
  if (by === state.me && dropPending(state, id, client_id)) touched.threads.add(id);
}

function conversationChanged(state: State, frame: EventOf<"conversation_changed">, touched: Touched): void {
  const id = frame.conversation_id;
  patchConversation(state, id, frame.position, frame.patch, touched);
  changeThread(state, id, frame, touched);
}

/** Deleted forever: also told in place of what was told of it before, so nothing of it is waited for. */
function conversationRemoved(state: State, id: ConversationId, touched: Touched): void {
  for (const held of [state.conversations, state.threads, state.pending, state.overlays, state.botsIn]) held.delete(id);
  touched.conversations.add(id);
  touched.threads.add(id);
}

function contactRemoved(state: State, id: ContactId, touched: Touched): void {
  state.contacts.delete(id);
  touched.contacts.add(id);
}

function contactChanged(state: State, frame: EventOf<"contact_changed">, touched: Touched): void {
  const { contact, position } = frame;
  const named = new Set(contact.identities.map(({ id }) => id));
  const held = state.contacts.get(contact.id);
  if (!held || held.at < position) {
    // It comes once for each inbox, with what is known there.
    const elsewhere = (held?.thing.identities ?? []).filter(({ id }) => !named.has(id));
    const identities = [...elsewhere, ...contact.identities];
    state.contacts.set(contact.id, { thing: { ...contact, identities }, at: position });
    touched.contacts.add(contact.id);
  }
  loseIdentities(state, named, frame, touched);
  const brief = briefOf(contact);
  // A conversation is its identity's: cards that are merged or separated take theirs along.
  for (const [id, { thing: row, at }] of state.conversations) {
    if ((row.contact.id !== contact.id && !named.has(row.identity_id)) || at >= position) continue;
    state.conversations.set(id, { thing: { ...row, contact: brief }, at: position });
    touched.conversations.add(id);
  }
}

/** As a conversation's row has them. */
function briefOf({ id, name, email, phone }: Contact): ContactBrief {
  const address = email ?? phone;
  return name === null && address !== null ? { id, name, address } : { id, name };
}

/** An identity is one person's: no other card has it any more. */
function loseIdentities(
  state: State,
  named: ReadonlySet<string>,
  { contact, position }: EventOf<"contact_changed">,
  touched: Touched,
): void {
  for (const [id, { thing, at }] of state.contacts) {
    if (id === contact.id || at >= position || !thing.identities.some((one) => named.has(one.id))) continue;
    const identities = thing.identities.filter((one) => !named.has(one.id));
    state.contacts.set(id, { thing: { ...thing, identities }, at: position });
    touched.contacts.add(id);
  }
}

function readChanged(state: State, frame: EventOf<"read_changed">, touched: Touched): void {
  patchConversation(state, frame.conversation_id, frame.position, { read_number: frame.number }, touched);
}

function houseChanged<Id, T>(house: Map<Id, Held<T>>, id: Id, thing: T, position: number, touched: Touched): void {
  if ((house.get(id)?.at ?? -1) >= position) return;
  house.set(id, { thing, at: position });
  touched.house = true;
}

function houseRemoved<Id, T>(house: Map<Id, Held<T>>, id: Id, position: number, touched: Touched): void {
  if ((house.get(id)?.at ?? position) >= position) return;
  house.delete(id);
  touched.house = true;
}

/** Only where somebody has asked: whoever opens it asks for all of them. */
function conversationBotsChanged(
  state: State,
  { bots, position }: EventOf<"conversation_bots_changed">,
  touched: Touched,
): void {
  const id = bots.conversation_id;
  if ((state.botsIn.get(id)?.at ?? position) >= position) return;
  state.botsIn.set(id, { thing: bots.bots, at: position });
  touched.conversations.add(id);
}

function patchConversation(
  state: State,
  id: ConversationId,
  position: number,
  patch: RowPatch,
  touched: Touched,
): void {
  const held = state.conversations.get(id);
  if (!held) {
    touched.unknown.set(id, { ...touched.unknown.get(id), ...patch });
    return;
  }
  if (held.at >= position) return;
  state.conversations.set(id, { thing: patched(held.thing, patch), at: position });
  touched.conversations.add(id);
}

function changeThread(state: State, id: ConversationId, frame: AgentEventFrame, touched: Touched): void {
  const thread = state.threads.get(id);
  if (!thread) return;
  const next = threadAfter(thread, frame);
  if (next === thread) return;
  state.threads.set(id, next);
  touched.threads.add(id);
}

/** A change made here goes from on top of what is held when the feed has brought it. */
function settleOverlays(state: State, touched: Touched): void {
  for (const [id, overlays] of state.overlays) {
    const left = overlays.filter((overlay) => overlay.until === null || overlay.until > state.position);
    if (left.length === overlays.length) continue;
    if (left.length === 0) state.overlays.delete(id);
    else state.overlays.set(id, left);
    touched.conversations.add(id);
  }
}
