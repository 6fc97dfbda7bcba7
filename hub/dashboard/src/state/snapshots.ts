/**
 * Snapshots into the store. Each is true at its own position; what is held and newer stays, and events that came after
 * the snapshot's position are laid over it again. So a list that was asked for before an event and arrived after it is
 * right all the same.
 */
import type {
  AgentEventFrame,
  ConversationDetail,
  ConversationId,
  ConversationPage,
  ConversationRow,
  Me,
  MessagePage,
  ResumePoint,
} from "@switchboard/protocol";
import { applyEvent } from "./events";
import { emptyState, type Held, KEPT_THREADS, nothingTouched, type State, type Thread, type Touched } from "./model";
import { settlePending } from "./optimistic";
import { joined, threadAfter } from "./threads";

/** Whether a snapshot could be brought up to date, or must be asked for again. */
export type Taken = { readonly kind: "current"; readonly touched: Touched } | { readonly kind: "too_old" };

/** The first snapshot: who I am and the house. */
export function stateFrom(me: Me): State {
  const state = emptyState(me.agent.id, me.at);
  const at = me.at.position;
  for (const agent of me.agents) state.agents.set(agent.id, { thing: agent, at });
  state.agents.set(me.agent.id, { thing: me.agent, at });
  for (const team of me.teams) state.teams.set(team.id, { thing: team, at });
  for (const inbox of me.inboxes) state.inboxes.set(inbox.id, { thing: inbox, at });
  for (const health of me.health) state.health.set(health.inbox_id, { thing: health, at });
  for (const bot of me.bots) state.bots.set(bot.id, { thing: bot, at });
  return state;
}

/** Starts afresh with what was written here and not yet sent: that is the person's, not the feed's. */
export function stateAfterReset(before: State, me: Me): State {
  const state = stateFrom(me);
  if (before.me !== state.me) return state;
  for (const [id, pending] of before.pending) state.pending.set(id, pending);
  return state;
}

export function takePage(state: State, page: ConversationPage): Taken {
  return bringUpToDate(state, page.at, (touched) => {
    for (const row of page.rows) takeRow(state, row, page.at.position, touched);
    const ids = new Set(page.rows.map((row) => row.id));
    return (frame) => ids.has(conversationOf(frame) ?? "") || frame.event === "contact_changed";
  });
}

/** Rows that came without a position of their own (search hits): true no earlier than when they were asked for. */
export function takeRows(state: State, rows: readonly ConversationRow[], askedAt: number): Taken {
  return takePage(state, { rows: [...rows], next: null, at: { epoch: state.epoch, position: askedAt } });
}

/** One that somebody opens: its thread is kept, and the thread that was opened longest ago goes. */
export function takeDetail(state: State, detail: ConversationDetail): Taken {
  const { row, messages, more } = detail;
  return bringUpToDate(state, detail.at, (touched) => {
    takeRowAndContact(state, detail, touched);
    takeThread(
      state,
      row.id,
      { messages, more, at: detail.at.position, stale: false, held: detail.held ?? [] },
      touched,
    );
    forgetOldThreads(state, row.id);
    return (frame) => speaksOf(frame, row.id) || frame.event === "contact_changed";
  });
}

/** One that a list wants to show. Nobody opens it, so it takes no thread's place. */
export function takeListed(state: State, detail: ConversationDetail): Taken {
  const { id } = detail.row;
  return bringUpToDate(state, detail.at, (touched) => {
    takeRowAndContact(state, detail, touched);
    return (frame) => conversationOf(frame) === id || frame.event === "contact_changed";
  });
}

function takeRowAndContact(state: State, { row, contact, at }: ConversationDetail, touched: Touched): void {
  takeRow(state, row, at.position, touched);
  takeHeld(state.contacts, contact.id, contact, at.position);
  touched.contacts.add(contact.id);
}

/** An older page of a thread. It carries no position: it is true no earlier than when it was asked for. */
export function takeOlder(state: State, id: ConversationId, page: MessagePage, askedAt: number): Taken {
  const at: ResumePoint = { epoch: state.epoch, position: askedAt };
  return bringUpToDate(state, at, (touched) => {
    // New messages stand at the other end of the thread: they are not for this page.
    if (state.threads.has(id))
      takeThread(state, id, { messages: page.messages, more: page.more, at: askedAt, stale: false }, touched, isChange);
    return () => false;
  });
}

/** Which conversation an event speaks of, if it speaks of one. */
export function conversationOf(frame: AgentEventFrame): ConversationId | undefined {
  switch (frame.event) {
    case "conversation_created":
      return frame.conversation.id;
    case "message_created":
    case "message_moved":
    case "message_changed":
      return frame.message.conversation_id;
    case "reply_held":
      return frame.held.conversation_id;
    case "conversation_changed":
    case "conversation_removed":
    case "delivery_changed":
    case "held_reply_gone":
    case "read_changed":
      return frame.conversation_id;
    default:
      return undefined;
  }
}

/** Whether it speaks of this conversation, also of what has left it. */
function speaksOf(frame: AgentEventFrame, id: ConversationId): boolean {
  return conversationOf(frame) === id || (frame.event === "message_moved" && frame.line.conversation_id === id);
}

type Concerns = (frame: AgentEventFrame) => boolean;

function isChange(frame: AgentEventFrame): boolean {
  return frame.event === "message_changed" || frame.event === "delivery_changed";
}

function bringUpToDate(state: State, at: ResumePoint, take: (touched: Touched) => Concerns): Taken {
  if (at.epoch !== state.epoch || at.position < state.recent.floor) return { kind: "too_old" };
  const touched = nothingTouched();
  const concerns = take(touched);
  for (const frame of state.recent.frames) {
    if (frame.position > at.position && concerns(frame)) applyEvent(state, frame, touched);
  }
  touched.unknown.clear();
  return { kind: "current", touched };
}

function takeRow(state: State, row: ConversationRow, at: number, touched: Touched): void {
  takeHeld(state.conversations, row.id, row, at);
  touched.conversations.add(row.id);
}

function takeHeld<Id, T>(map: Map<Id, Held<T>>, id: Id, thing: T, at: number): void {
  const held = map.get(id);
  if (held && held.at > at) return;
  // At the end: what was heard of longest ago is the first to be let go.
  map.delete(id);
  map.set(id, { thing, at });
}

/** Brings the part that came up to date by itself, then joins it to what is held. */
function takeThread(
  state: State,
  id: ConversationId,
  part: Thread,
  touched: Touched,
  wanted: Concerns = () => true,
): void {
  const current = state.recent.frames.filter((frame) => speaksOf(frame, id) && wanted(frame)).reduce(threadAfter, part);
  const held = state.threads.get(id);
  // At the end, as it was opened last.
  state.threads.delete(id);
  state.threads.set(id, held ? joined(held, current) : current);
  for (const message of current.messages) settlePending(state, message);
  touched.threads.add(id);
}

/**
 * The hub's answer to a change of one thing, which has no position. It is shown until its event comes; but if `asked`,
 * what was held when it was sent, is not held any more, then the feed has gone on meanwhile and knows better.
 */
export function takeAnswer<Id, T>(
  state: State,
  map: Map<Id, Held<T>>,
  id: Id,
  asked: Held<T> | undefined,
  answer: T,
): boolean {
  if (map.get(id) !== asked) return false;
  map.set(id, { thing: answer, at: asked?.at ?? state.position });
  return true;
}

/** Threads are the heavy part; those left longest ago go. */
function forgetOldThreads(state: State, current: ConversationId): void {
  for (const id of state.threads.keys()) {
    if (state.threads.size <= KEPT_THREADS) return;
    if (id !== current && !state.pending.has(id)) state.threads.delete(id);
  }
}
