/**
 * What the page knows: the shapes of the store, and nothing that does something.
 *
 * Things are kept by id; every held thing says at which position of the feed it is true. The containers are changed in
 * place by the functions of this folder, the things in them never are: a thing that changed is a new object, so a screen
 * can compare by reference. What is derived (lists, folders, counts shown) lies in its own file, not here.
 */
import type {
  AfterReply,
  Agent,
  AgentEventFrame,
  AgentId,
  ApiError,
  Attachment,
  BotBrief,
  BotId,
  Contact,
  ContactId,
  ConversationBot,
  ConversationId,
  ConversationPatch,
  ConversationRow,
  HeldReply,
  Inbox,
  InboxHealth,
  InboxId,
  Message,
  ReplyMail,
  ResumePoint,
  Team,
  TeamId,
} from "@switchboard/protocol";

/** Newest events that are kept so that a snapshot older than they are can be brought up to date, events. */
export const KEPT_EVENTS = 2_000;
/** Conversations whose threads are kept after they were left, threads. */
export const KEPT_THREADS = 30;

/** Conversations that are held though nothing shows them, those heard of last. */
export const KEPT_CONVERSATIONS = 1_000;
/** The same of contacts. */
export const KEPT_CONTACTS = 300;
/** So many more may come before what is too much is let go: it takes a look at all of them. */
export const KEPT_MARGIN = 250;

/** A thing, and the position of the feed that it is true at. */
export interface Held<T> {
  readonly thing: T;
  readonly at: number;
}

/** The held part of a conversation's messages: always without a hole, always to the newest. */
export interface Thread {
  /** In rising number. */
  readonly messages: readonly Message[];
  /** There are older ones at the hub. */
  readonly more: boolean;
  readonly at: number;
  /** A message is known to be missing: take a new snapshot. */
  readonly stale: boolean;
  /** Answers that wait before they go out, in the order in which they do; a part that cannot know has none. */
  readonly held?: readonly HeldReply[];
}

/** How a message that this page wrote fares. */
export type PendingState =
  | { readonly kind: "sending" }
  /** Kept while there is no connection. */
  | { readonly kind: "kept" }
  | { readonly kind: "failed"; readonly error: ApiError };

/** A message that was written here and is not yet an event. */
export interface Pending {
  readonly clientId: string;
  readonly conversationId: ConversationId;
  readonly note: boolean;
  readonly text: string;
  /** Number of the message that it answers. */
  readonly answers?: number;
  readonly attachments: readonly Attachment[];
  /** Copies, subject, formatting. */
  readonly mail?: ReplyMail;
  /** What becomes of the conversation with it. */
  readonly after?: AfterReply;
  /** Seconds for which the hub holds it before it goes out. */
  readonly hold?: number;
  /** Of a note: colleagues whom it names. */
  readonly mentions?: readonly AgentId[];
  readonly at: number;
  readonly state: PendingState;
}

/** What of a conversation changed, with what is the reader's own. */
export type RowPatch = ConversationPatch & { read_number?: number };

/** A change that was made here and is not yet an event: laid over what is held until it is. */
export interface Overlay {
  readonly id: string;
  readonly patch: RowPatch;
  /** What of its bots changed. */
  readonly bots?: ReadonlyMap<BotId, Partial<ConversationBot>>;
  /** Committed at this position: goes when the feed has come so far. */
  readonly until: number | null;
}

export interface State {
  /** The agent whose page this is. */
  me: AgentId;
  epoch: string;
  /** Every event up to this position has been taken in. */
  position: number;
  readonly conversations: Map<ConversationId, Held<ConversationRow>>;
  readonly threads: Map<ConversationId, Thread>;
  readonly contacts: Map<ContactId, Held<Contact>>;
  readonly agents: Map<AgentId, Held<Agent>>;
  readonly teams: Map<TeamId, Held<Team>>;
  readonly inboxes: Map<InboxId, Held<Inbox>>;
  /** How those of them do that have a channel. */
  readonly health: Map<InboxId, Held<InboxHealth>>;
  readonly bots: Map<BotId, Held<BotBrief>>;
  /** How the bots stand in the conversations that were opened; null: that has been asked for. */
  readonly botsIn: Map<ConversationId, Held<readonly ConversationBot[] | null>>;
  readonly pending: Map<ConversationId, readonly Pending[]>;
  readonly overlays: Map<ConversationId, readonly Overlay[]>;
  /** The newest events, oldest first, and the position before the first of them. */
  recent: { floor: number; frames: AgentEventFrame[] };
}

/** What a change of the store has touched; screens look at no more than that. */
export interface Touched {
  readonly conversations: Set<ConversationId>;
  readonly threads: Set<ConversationId>;
  readonly contacts: Set<ContactId>;
  /** Conversations that events spoke of and that are not held, with what is known of them by that. */
  readonly unknown: Map<ConversationId, RowPatch>;
  /** Agents, teams, inboxes, how those do, or bots. */
  house: boolean;
}

export function emptyState(me: AgentId, at: ResumePoint): State {
  return {
    me,
    epoch: at.epoch,
    position: at.position,
    conversations: new Map(),
    threads: new Map(),
    contacts: new Map(),
    agents: new Map(),
    teams: new Map(),
    inboxes: new Map(),
    health: new Map(),
    bots: new Map(),
    botsIn: new Map(),
    pending: new Map(),
    overlays: new Map(),
    recent: { floor: at.position, frames: [] },
  };
}

export function nothingTouched(): Touched {
  return { conversations: new Set(), threads: new Set(), contacts: new Set(), unknown: new Map(), house: false };
}

/** The conversation as the page shows it: what is held, with what was done here and is on its way. */
export function shownRow(state: State, id: ConversationId): ConversationRow | undefined {
  const held = state.conversations.get(id)?.thing;
  const overlays = state.overlays.get(id);
  if (!held || !overlays) return held;
  return overlays.reduce<ConversationRow>((row, overlay) => patched(row, overlay.patch), held);
}

/** Its bots in the order in which they are asked, as the page shows them; undefined: nobody knows yet. */
export function shownBots(state: State, id: ConversationId): readonly ConversationBot[] | undefined {
  const held = state.botsIn.get(id)?.thing ?? undefined;
  const changes = (state.overlays.get(id) ?? []).flatMap(({ bots }) => bots ?? []);
  if (!held || changes.length === 0) return held;
  return held.map(
    (bot) => Object.assign({}, bot, ...changes.map((change) => change.get(bot.bot_id))) as ConversationBot,
  );
}

/** An absent field is as it was, null is "none". A field that only one of the two types knows does not compile. */
export function patched(row: ConversationRow, patch: RowPatch): ConversationRow {
  const { merged_into: merged, snoozed_by: whose, rating: rated, ...rest } = patch;
  const { merged_into: mergedBefore, snoozed_by: whoseBefore, rating: ratedBefore, ...next } = { ...row, ...rest };
  const into = merged === undefined ? mergedBefore : merged;
  const by = whose === undefined ? whoseBefore : whose;
  const rating = rated === undefined ? ratedBefore : rated;
  return {
    ...next,
    ...(into === undefined || into === null ? {} : { merged_into: into }),
    ...(by === undefined || by === null ? {} : { snoozed_by: by }),
    ...(rating === undefined || rating === null ? {} : { rating }),
  };
}
