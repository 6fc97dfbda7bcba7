/** The held part of one conversation's messages: what an event makes of it, and how two parts become one. Pure. */
import type { AgentEventFrame, AgentId, HeldReply, Message } from "@switchboard/protocol";
import type { Thread } from "./model";

/** The thread after an event of its conversation. One at or below its position is old news. */
export function threadAfter(thread: Thread, frame: AgentEventFrame): Thread {
  if (frame.position <= thread.at) return thread;
  switch (frame.event) {
    case "conversation_created":
      return appended(thread, frame.messages, frame.position);
    case "message_created":
      return appended(withoutHeld(thread, frame.message), [frame.message], frame.position);
    case "reply_held":
      return { ...thread, held: placedIn(thread.held ?? [], frame.held), at: frame.position };
    case "held_reply_gone":
      return { ...thread, held: left(thread.held ?? [], frame.by, frame.client_id), at: frame.position };
    case "conversation_changed":
      return appended(thread, frame.lines, frame.position);
    case "message_moved":
      return placed(thread, frame.message, frame.line, frame.position);
    case "message_changed":
      return changed(thread, frame.message.id, () => frame.message, frame.position);
    case "delivery_changed":
      return changed(
        thread,
        frame.message_id,
        (message) => {
          const { delivery_note: _before, ...rest } = message;
          return { ...rest, delivery: frame.delivery, ...(frame.note === null ? {} : { delivery_note: frame.note }) };
        },
        frame.position,
      );
    default:
      return thread;
  }
}

/** Adds messages at the end. Numbers have no holes, so a jump says that something was missed. */
function appended(thread: Thread, messages: readonly Message[], at: number): Thread {
  const next = [...thread.messages];
  let stale = thread.stale;
  for (const message of messages) {
    const last = next[next.length - 1]?.number;
    if (last !== undefined && message.number <= last) continue;
    if (last !== undefined && message.number > last + 1) stale = true;
    next.push(message);
  }
  return { ...thread, messages: next, at, stale };
}

/** What was held is the message that it has become. */
function withoutHeld(thread: Thread, { author, client_id: id }: Message): Thread {
  if (!thread.held || id === undefined || author.kind !== "agent") return thread;
  return { ...thread, held: left(thread.held, author.id, id) };
}

function left(held: readonly HeldReply[], by: AgentId, id: string): readonly HeldReply[] {
  return held.filter((one) => one.by !== by || one.client_id !== id);
}

function placedIn(held: readonly HeldReply[], one: HeldReply): readonly HeldReply[] {
  return [...left(held, one.by, one.client_id), one].sort((a, b) => a.due_at - b.due_at);
}

/**
 * A message has come here from another conversation, or its line stands where it stood: each at its own number, in place of
 * what stood there. In the thread that it left and in the one that it came to, one of the two.
 */
function placed(thread: Thread, message: Message, line: Message, at: number): Thread {
  const here = thread.messages[0]?.conversation_id;
  const one = [message, line].find(({ conversation_id }) => conversation_id === here);
  // Of a thread without a message nobody knows whose it is.
  if (!one) return { ...thread, at, stale: true };
  if (one.number > last(thread)) return appended(thread, [one], at);
  return { ...thread, messages: thread.messages.map((held) => (held.number === one.number ? one : held)), at };
}

function changed(thread: Thread, id: string, change: (message: Message) => Message, at: number): Thread {
  return { ...thread, messages: thread.messages.map((message) => (message.id === id ? change(message) : message)), at };
}

/** Two parts as one without a hole; if they do not meet, the newer messages stand alone. */
export function joined(a: Thread, b: Thread): Thread {
  const [older, newer] = a.at <= b.at ? [a, b] : [b, a];
  if (older.stale) return newer;
  if (newer.stale) return older;
  const [lower, upper] = first(a) <= first(b) ? [a, b] : [b, a];
  const known = newer.held ?? older.held;
  const held = known ? { held: known } : {};
  if (first(upper) > last(lower) + 1) return { ...upper, ...held };
  const byNumber = new Map<number, Message>();
  for (const message of older.messages) byNumber.set(message.number, message);
  for (const message of newer.messages) byNumber.set(message.number, message);
  const messages = [...byNumber.values()].sort((one, other) => one.number - other.number);
  return { messages, more: lower.more, at: newer.at, stale: false, ...held };
}

function first(thread: Thread): number {
  return thread.messages[0]?.number ?? Number.MAX_SAFE_INTEGER;
}

function last(thread: Thread): number {
  return thread.messages[thread.messages.length - 1]?.number ?? 0;
}
