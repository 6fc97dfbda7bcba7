/**
 * The conversation on the screen: takes its snapshot, older pages, tells the hub that it is open and what of it was read.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { AgentCommand, ApiError, ConversationId, ErrorCode, PageSeen, ViewMode } from "@switchboard/protocol";
import { apiError } from "../net/errors";
import { lay, liftOverlay, overlayDone } from "../state/optimistic";
import { takeDetail, takeListed, takeOlder } from "../state/snapshots";
import type { Core } from "./core";

export interface OpenView {
  readonly id: ConversationId | null;
  readonly loading: boolean;
  readonly loadingOlder: boolean;
  readonly error: ApiError | null;
  /** The page that the visitor had open when the snapshot was taken; signals are newer. */
  readonly visitor: { readonly here: boolean; readonly page: PageSeen | null };
  /** How far the reader had read when it was opened: where the line "New" stands. */
  readonly readBefore: number;
  /** It stands there because the one before it was dealt with: nobody has looked at it yet. */
  readonly unasked: boolean;
}

export interface Conversations {
  readonly view: ReadonlySignal<OpenView>;
  open(id: ConversationId | null): Promise<void>;
  /** This one will open by itself: nobody is told that it is read or open before the person turns to it. */
  comesNext(id: ConversationId): void;
  /** The person turns to what is open. */
  turnTo(): void;
  loadOlder(): Promise<void>;
  /** The reader has this on the screen. */
  markRead(id: ConversationId, number: number): void;
  /** Puts it back among the unread; resolves to null, or to why not. */
  markUnread(id: ConversationId): Promise<ApiError | null>;
  setMode(mode: ViewMode): void;
  /** There is a connection again: says what is open, and asks again for what found none. */
  connected(): void;
  /** Takes the snapshot again. */
  reload(): Promise<void>;
  /** Takes in conversations that events spoke of and that are not held. */
  fetchUnknown(ids: Iterable<ConversationId>): void;
}

/** Unknown conversations that are asked for one by one; when there are more, the lists are asked instead. */
export const UNKNOWN_AT_ONCE = 20;
/** A conversation that nobody holds is asked for within this, milliseconds: every page has heard of it at once. */
const UNKNOWN_SPREAD_MS = 400;
/** What asking again does not change: it is not there, or not ours to see. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["not_found", "forbidden", "unauthenticated"]);
/** Messages of an older page. */
const OLDER_MESSAGES = 50;

/** Opened by its address: the snapshot says how far it was read. */
const UNKNOWN_READ = -1;

const NO_VISITOR = { here: false, page: null };

export function makeConversations(core: Core, tooManyUnknown: () => void): Conversations {
  const view = signal<OpenView>({
    id: null,
    loading: false,
    loadingOlder: false,
    error: null,
    visitor: NO_VISITOR,
    readBefore: 0,
    unasked: false,
  });
  let next: ConversationId | null = null;
  /** Asks again for what found no connection. */
  let unreached: (() => Promise<void>) | null = null;
  const asked = new Set<ConversationId>();
  let mode: ViewMode = "viewing";
  const change = (next: Partial<OpenView>): void => {
    view.value = { ...view.value, ...next };
  };
  const failed = (id: ConversationId, cause: unknown, again: () => Promise<void>): void => {
    if (view.value.id !== id) return;
    const error = apiError(cause);
    if (error.code === "unavailable") unreached = again;
    change({ error });
  };

  async function take(id: ConversationId, time = 0): Promise<void> {
    try {
      const detail = await core.api("GET /api/conversations/{id}", { id });
      const taken = takeDetail(core.state, detail);
      if (taken.kind === "too_old") return core.anew(time, () => void (view.value.id === id && take(id, time + 1)));
      core.publish(taken.touched);
      if (view.value.id === id)
        change({
          loading: false,
          error: null,
          visitor: { here: detail.visitor_here, page: detail.visitor_page },
          ...(view.value.readBefore === UNKNOWN_READ ? { readBefore: detail.row.read_number } : {}),
        });
    } catch (cause) {
      if (view.value.id === id) change({ loading: false });
      failed(id, cause, reload);
    }
  }

  function announce(): void {
    const { id, unasked } = view.value;
    core.socket.tell({ do: "view", conversation_id: unasked ? null : id, mode });
  }

  core.onPublished((touched) => {
    const { id, loading } = view.value;
    if (id === null || loading || !touched.threads.has(id)) return;
    if (core.state.threads.get(id)?.stale) void reload();
  });

  async function reload(): Promise<void> {
    const { id } = view.value;
    if (id === null) return;
    unreached = null;
    change({ loading: true });
    await take(id);
  }

  async function loadOlder(): Promise<void> {
    const { id, loadingOlder } = view.value;
    const thread = id === null ? undefined : core.state.threads.get(id);
    const oldest = thread?.messages[0]?.number;
    if (id === null || loadingOlder || !thread?.more || oldest === undefined) return;
    change({ loadingOlder: true });
    const askedAt = core.state.position;
    try {
      const page = await core.api("GET /api/conversations/{id}/messages", {
        id,
        query: { before: oldest, limit: OLDER_MESSAGES },
      });
      const taken = takeOlder(core.state, id, page, askedAt);
      if (taken.kind === "current") core.publish(taken.touched);
    } catch (cause) {
      // The snapshot, if it is lacking too, is what is asked for first.
      failed(id, cause, unreached ?? loadOlder);
    } finally {
      if (view.value.id === id) change({ loadingOlder: false });
    }
  }

  /** Until it is known or is not ours to see: without it a list would lack it until it is loaded anew. */
  async function fetchOne(id: ConversationId, time = 0): Promise<void> {
    let due: number | null = null;
    try {
      const taken = takeListed(core.state, await core.api("GET /api/conversations/{id}", { id }));
      if (taken.kind === "current") core.publish(taken.touched);
      else due = time;
    } catch (cause) {
      if (!FINAL.has(apiError(cause).code)) due = Math.max(time, 1);
    }
    if (due === null) asked.delete(id);
    else core.anew(due, () => void fetchOne(id, time + 1));
  }

  return {
    view,
    async open(id) {
      if (view.value.id === id) return;
      mode = "viewing";
      const row = id === null ? undefined : core.rowNow(id);
      change({
        id,
        loading: id !== null,
        loadingOlder: false,
        error: null,
        visitor: NO_VISITOR,
        readBefore: row?.read_number ?? UNKNOWN_READ,
        unasked: id !== null && id === next,
      });
      next = null;
      unreached = null;
      announce();
      if (id !== null) await take(id);
    },
    comesNext(id) {
      next = id;
    },
    turnTo() {
      if (!view.value.unasked) return;
      change({ unasked: false });
      announce();
    },
    loadOlder,
    markRead(id, number) {
      const row = core.rowNow(id);
      if (!row || row.read_number >= number || (view.value.unasked && view.value.id === id)) return;
      // A lost one costs a dot in the list: it is told again when more is read.
      void changeRead(core, id, number, { do: "read", conversation_id: id, number });
    },
    async markUnread(id) {
      const row = core.rowNow(id);
      if (!row) return null;
      const number = Math.max(0, row.last_in_number - 1);
      return await changeRead(core, id, number, { do: "unread", conversation_id: id });
    },
    setMode(next) {
      if (mode === next) return;
      mode = next;
      announce();
    },
    connected() {
      const again = unreached;
      unreached = null;
      announce();
      if (again) void again();
    },
    reload,
    fetchUnknown(ids) {
      const wanted = [...ids].filter((id) => !asked.has(id));
      if (asked.size + wanted.length > UNKNOWN_AT_ONCE) return tooManyUnknown();
      for (const id of wanted) {
        asked.add(id);
        core.later(() => void fetchOne(id), core.random() * UNKNOWN_SPREAD_MS);
      }
    },
  };
}

/** Shows how far it was read at once; comes back with the reason if the hub does not take it. */
async function changeRead(
  core: Core,
  id: ConversationId,
  number: number,
  command: AgentCommand,
): Promise<ApiError | null> {
  const overlayId = core.newId();
  core.publish(lay(core.state, id, { id: overlayId, patch: { read_number: number }, until: null }));
  try {
    const done = await core.socket.command(command);
    core.publish(overlayDone(core.state, id, overlayId, done.position));
    return null;
  } catch (cause) {
    core.publish(liftOverlay(core.state, id, overlayId));
    return apiError(cause);
  }
}
