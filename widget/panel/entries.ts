/** The thread as it is drawn: committed messages, then those on their way, with where days and groups begin. */

import type { VisitorAuthor, VisitorConversation, VisitorMessage } from "@switchboard/protocol";

import type { Pending } from "./chat";

/** Messages of one author within this time stand together, ms. */
const GROUP_MS = 5 * 60_000;

/** What became of a message: the key of its words, written out, since the build takes out what stands nowhere in the source. */
export type Mark = "delivery.queued" | "delivery.waiting" | "delivery.sent" | "delivery.read" | "panel.failed";

export interface Entry {
  key: string;
  /** The name of who of the business wrote; none: the visitor. */
  name: string | undefined;
  /** That is a program, and says so. */
  bot: boolean;
  at: number;
  text: string;
  /** What the answered message says; nothing of one that is gone, or not loaded. */
  quote: string | undefined;
  attachments: NonNullable<VisitorMessage["attachments"]>;
  deleted: boolean;
  edited: boolean;
  /** Only on what waits or failed; if nothing does, on the visitor's last message. */
  mark: Mark | undefined;
  pending: Pending | undefined;
  /** As the hub has it. */
  message: VisitorMessage | undefined;
  opensDay: boolean;
  opensGroup: boolean;
  closesGroup: boolean;
}

export interface EntriesInput {
  messages: VisitorMessage[];
  pending: Pending[];
  conversation: VisitorConversation | undefined;
  live: boolean;
  /** Two moments of one day give the same number. */
  dayOf: (at: number) => number;
}

/** The house's own lines come as of a bot without a name. */
export function isBot(author: VisitorAuthor): boolean {
  return author.kind === "bot" && author.name !== "";
}

type Bare = Omit<Entry, "opensDay" | "opensGroup" | "closesGroup">;

function ofMessage(message: VisitorMessage, _: number, all: VisitorMessage[]): Bare {
  const { author } = message;
  return {
    // The visitor's own keeps its key from sending to committed, so that it is not drawn anew.
    key: message.client_id ?? message.id,
    name: author.kind === "you" ? undefined : author.name,
    bot: isBot(author),
    at: message.at,
    text: message.text,
    quote: all.find(
      ({ number, conversation_id }) => number === message.answers && conversation_id === message.conversation_id,
    )?.text,
    attachments: message.attachments ?? [],
    deleted: message.deleted_at !== undefined,
    edited: message.edited_at !== undefined,
    mark: undefined,
    pending: undefined,
    message,
  };
}

function ofPending(pending: Pending, live: boolean): Bare {
  const { id, at, text, attachments, failed } = pending;
  const mark = failed ? "panel.failed" : live ? "delivery.queued" : "delivery.waiting";
  return {
    key: id,
    name: undefined,
    bot: false,
    at,
    text,
    quote: undefined,
    attachments,
    deleted: false,
    edited: false,
    mark,
    pending,
    message: undefined,
  };
}

export function entriesOf({ messages, pending, conversation, live, dayOf }: EntriesInput): Entry[] {
  const bare = [...messages.map(ofMessage), ...pending.map((each) => ofPending(each, live))];
  const own = messages.findLastIndex(({ author }) => author.kind === "you");
  const [last, lastOwn] = [messages[own], bare[own]];
  if (last && lastOwn && !pending.length) {
    const read = last.conversation_id !== conversation?.id || last.number <= conversation.staff_read_number;
    lastOwn.mark = read ? "delivery.read" : "delivery.sent";
  }
  const joins = (one: Bare | undefined, next: Bare | undefined) =>
    one !== undefined &&
    next !== undefined &&
    one.name === next.name &&
    one.bot === next.bot &&
    next.at - one.at < GROUP_MS &&
    dayOf(one.at) === dayOf(next.at);
  return bare.map((entry, i) => {
    const before = bare[i - 1];
    return {
      ...entry,
      opensDay: !before || dayOf(before.at) !== dayOf(entry.at),
      opensGroup: !joins(before, entry),
      closesGroup: !joins(entry, bare[i + 1]),
    };
  });
}
