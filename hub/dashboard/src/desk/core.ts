/**
 * The store with signals around it: what every part of the desk stands on. Events are taken in as they come, screens
 * hear of them once a frame, so a burst of events costs one drawing.
 */
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type {
  Agent,
  AgentEventFrame,
  AgentId,
  AgentSignal,
  Api,
  BotBrief,
  BotId,
  Client,
  ClientState,
  Contact,
  ContactId,
  ConversationBot,
  ConversationId,
  ConversationRow,
  Inbox,
  InboxHealth,
  InboxId,
  Team,
  TeamId,
} from "@switchboard/protocol";
import { type CountState, moved, noCounts } from "../state/counts";
import { takeEvent } from "../state/events";
import {
  nothingTouched,
  type Pending,
  type State,
  shownBots,
  shownRow,
  type Thread,
  type Touched,
} from "../state/model";
import { expire, NOBODY, type Now, stopTyping, takeSignal } from "../state/now";
import { conversationOf } from "../state/snapshots";

/** An entry of the storage, as it was and as it is. */
export type StorageListener = (key: string, before: string | null, after: string | null) => void;

/** What comes from outside, so that a test decides it. */
export interface Surroundings {
  readonly api: Api;
  readonly socket: Client<"agent">;
  /** Unix milliseconds. */
  clock(): number;
  newId(): string;
  /** In [0, 1). */
  random(): number;
  /** Runs `work` before the next drawing. */
  beforeDrawing(work: () => void): void;
  later(work: () => void, ms: number): () => void;
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;
  /** Hears what this person's other tabs put into the storage; what comes back stops that. */
  otherTabs(listener: StorageListener): () => void;
}

/** A thread as the screen shows it. */
export interface ThreadView {
  readonly thread: Thread | undefined;
  readonly pending: readonly Pending[];
}

/** The house: who and what there is, by id. */
export interface House {
  readonly agents: ReadonlyMap<AgentId, Agent>;
  readonly teams: ReadonlyMap<TeamId, Team>;
  readonly inboxes: ReadonlyMap<InboxId, Inbox>;
  readonly health: ReadonlyMap<InboxId, InboxHealth>;
  readonly bots: ReadonlyMap<BotId, BotBrief>;
}

/** Waits before a snapshot that came too old is asked for again: at once, then in peace, milliseconds. */
const ANEW_MS = 500;
const ANEW_LATEST_MS = 15_000;

export interface Core extends Surroundings {
  state: State;
  readonly house: Signal<House>;
  readonly now: Signal<Now>;
  readonly counts: Signal<CountState>;
  readonly connection: Signal<ClientState>;
  row(id: ConversationId): ReadonlySignal<ConversationRow | undefined>;
  threadView(id: ConversationId): ReadonlySignal<ThreadView>;
  contact(id: ContactId): ReadonlySignal<Contact | undefined>;
  /** In the order in which they are asked; undefined: nobody knows yet. */
  botsIn(id: ConversationId): ReadonlySignal<readonly ConversationBot[] | undefined>;
  /** What is shown of a conversation now, without listening to it. */
  rowNow(id: ConversationId): ConversationRow | undefined;
  takeFrame(frame: AgentEventFrame): void;
  takeSignal(signal: AgentSignal): void;
  /** Takes the place of everything that was held. */
  replaceState(state: State): void;
  publish(touched: Touched): void;
  /**
   * Asks again for a snapshot that was older than what has been heard since. After the first time it waits: with another
   * epoch a reset is on its way, which asks for everything.
   */
  anew(time: number, ask: () => void): void;
  /** Called once a frame with what was touched, after the signals have been set. */
  onPublished(listener: (touched: Touched) => void): void;
  /** A screen listens to it. */
  readonly listened: { conversation(id: ConversationId): boolean; contact(id: ContactId): boolean };
}

const NO_PENDING: readonly Pending[] = [];

export function makeCore(surroundings: Surroundings, state: State): Core {
  const rows = new Map<ConversationId, Signal<ConversationRow | undefined>>();
  const threads = new Map<ConversationId, Signal<ThreadView>>();
  const contacts = new Map<ContactId, Signal<Contact | undefined>>();
  const botsIn = new Map<ConversationId, Signal<readonly ConversationBot[] | undefined>>();
  const listeners: ((touched: Touched) => void)[] = [];
  let waiting: Touched | null = null;

  const core: Core = {
    ...surroundings,
    state,
    house: signal(houseOf(state)),
    now: signal(NOBODY),
    counts: signal(noCounts(state.position)),
    connection: signal<ClientState>(surroundings.socket.state),
    row: (id) => kept(rows, id, () => shownRow(core.state, id)),
    threadView: (id) => kept(threads, id, () => viewOf(core.state, id)),
    contact: (id) => kept(contacts, id, () => core.state.contacts.get(id)?.thing),
    botsIn: (id) => kept(botsIn, id, () => shownBots(core.state, id)),
    rowNow: (id) => shownRow(core.state, id),
    takeFrame(frame) {
      const id = conversationOf(frame);
      const before = id === undefined ? undefined : core.state.conversations.get(id)?.thing;
      const touched = takeEvent(core.state, frame);
      if (id !== undefined && movesCounts(frame)) {
        const after = core.state.conversations.get(id)?.thing;
        core.counts.value = moved(
          core.counts.value,
          frame.position,
          before,
          after,
          core.state.me,
          frame.event === "conversation_created",
        );
      }
      if (frame.event === "message_created")
        core.now.value = stopTyping(core.now.value, frame.message.conversation_id, frame.message.author);
      core.publish(touched);
    },
    takeSignal(news) {
      core.now.value = takeSignal(expire(core.now.value, core.clock()), news, core.clock());
    },
    replaceState(next) {
      core.state = next;
      const touched = nothingTouched();
      for (const id of [...rows.keys(), ...botsIn.keys(), ...next.conversations.keys()]) touched.conversations.add(id);
      for (const id of threads.keys()) touched.threads.add(id);
      for (const id of contacts.keys()) touched.contacts.add(id);
      touched.house = true;
      core.publish(touched);
    },
    publish(touched) {
      if (waiting) return void merge(waiting, touched);
      waiting = touched;
      core.beforeDrawing(flush);
    },
    anew(time, ask) {
      if (time === 0) ask();
      else core.later(ask, Math.min(ANEW_MS * 2 ** (time - 1), ANEW_LATEST_MS));
    },
    onPublished: (listener) => void listeners.push(listener),
    listened: { conversation: (id) => rows.has(id) || threads.has(id), contact: (id) => contacts.has(id) },
  };

  function flush(): void {
    const touched = waiting;
    waiting = null;
    if (!touched) return;
    batch(() => {
      for (const id of touched.conversations) {
        set(rows.get(id), shownRow(core.state, id));
        set(botsIn.get(id), shownBots(core.state, id));
      }
      for (const id of touched.threads) set(threads.get(id), viewOf(core.state, id));
      for (const id of touched.contacts) set(contacts.get(id), core.state.contacts.get(id)?.thing);
      if (touched.house) core.house.value = houseOf(core.state);
      for (const listener of listeners) listener(touched);
    });
  }

  return core;
}

/** A signal for one thing, made when somebody first looks at it, gone when nobody does. */
function kept<K, V>(map: Map<K, Signal<V>>, key: K, read: () => V): ReadonlySignal<V> {
  const known = map.get(key);
  if (known) return known;
  const made = signal(read(), {
    unwatched() {
      if (map.get(key) === made) map.delete(key);
    },
  });
  map.set(key, made);
  return made;
}

function set<V>(target: Signal<V> | undefined, value: V): void {
  if (target) target.value = value;
}

function viewOf(state: State, id: ConversationId): ThreadView {
  return { thread: state.threads.get(id), pending: state.pending.get(id) ?? NO_PENDING };
}

function houseOf(state: State): House {
  const things = <K, V>(map: ReadonlyMap<K, { thing: V }>): ReadonlyMap<K, V> =>
    new Map([...map].map(([id, held]) => [id, held.thing]));
  return {
    agents: things(state.agents),
    teams: things(state.teams),
    inboxes: things(state.inboxes),
    health: things(state.health),
    bots: things(state.bots),
  };
}

/** Those that can take a conversation from one folder to another. */
function movesCounts(frame: AgentEventFrame): boolean {
  switch (frame.event) {
    case "conversation_created":
    case "message_created":
    case "conversation_changed":
    case "conversation_removed":
    case "read_changed":
      return true;
    default:
      return false;
  }
}

function merge(into: Touched, from: Touched): void {
  for (const id of from.conversations) into.conversations.add(id);
  for (const id of from.threads) into.threads.add(id);
  for (const id of from.contacts) into.contacts.add(id);
  for (const [id, patch] of from.unknown) into.unknown.set(id, { ...into.unknown.get(id), ...patch });
  into.house ||= from.house;
}
