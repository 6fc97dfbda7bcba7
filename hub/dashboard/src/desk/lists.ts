/**
 * The list on the screen: loads it page by page, keeps it right with what the store hears, holds its place while the
 * person reads it.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { ApiError, ConversationId, Routes } from "@switchboard/protocol";
import { apiError } from "../net/errors";
import { filtersIn } from "../state/filters";
import {
  emptyList,
  type List,
  type ListQuery,
  matches,
  mayJoin,
  replaced,
  type Shown,
  shownOf,
  withPage,
} from "../state/lists";
import type { RowPatch, Touched } from "../state/model";
import { takePage } from "../state/snapshots";
import type { Core } from "./core";

type ConversationQuery = Routes["GET /api/conversations"]["query"];

/** Lists that were left are kept, so that going back shows at once, lists. */
const KEPT_LISTS = 12;

export interface ListView {
  readonly query: ListQuery;
  readonly ids: readonly ConversationId[];
  /** New ones that wait until the list is let go. */
  readonly waiting: number;
  /** Nothing has come from the hub yet. */
  readonly fresh: boolean;
  readonly loading: boolean;
  readonly more: boolean;
  readonly error: ApiError | null;
}

export interface Lists {
  readonly view: ReadonlySignal<ListView>;
  /** Shows this list; from what is kept at once, then from the hub. */
  open(query: ListQuery): Promise<void>;
  loadMore(): Promise<void>;
  /** The place is held: the person has scrolled, or points at a row. */
  hold(held: boolean): void;
  /** Shows what waits. */
  letGo(): void;
  /** The conversation that is open keeps its place though it no longer belongs. */
  setOpen(id: ConversationId | null): void;
  /** The person has dealt with these here: they leave though the list is held. */
  dismiss(id: ConversationId): void;
  /** They come back (undo, refused). */
  restore(id: ConversationId): void;
  /** Everything anew from the hub. */
  reload(): Promise<void>;
  forget(): void;
  /** Whether a conversation that is not held may stand in one of the lists by this. */
  mayHold(patch: RowPatch): boolean;
  /** All that stand in a list that is kept. */
  held(): Set<ConversationId>;
}

interface Kept {
  list: List;
  loaded: boolean;
}

export function makeLists(core: Core, first: ListQuery): Lists {
  const kept = new Map<string, Kept>();
  let current = first;
  let held = false;
  let open: ConversationId | null = null;
  let gone = new Set<ConversationId>();
  let shown: Shown = { ids: [], waiting: 0 };
  let asking: symbol | null = null;
  let error: ApiError | null = null;
  const view = signal<ListView>(viewNow());

  function now(): Kept {
    const key = keyOf(current);
    const known = kept.get(key);
    if (known) return known;
    const made: Kept = { list: emptyList(current), loaded: false };
    kept.set(key, made);
    if (kept.size > KEPT_LISTS)
      for (const old of kept.keys())
        if (old !== key) {
          kept.delete(old);
          break;
        }
    return made;
  }

  function viewNow(): ListView {
    const { list, loaded } = now();
    return {
      query: current,
      ids: shown.ids,
      waiting: shown.waiting,
      fresh: !loaded,
      loading: asking !== null,
      more: list.cursor !== null,
      error,
    };
  }

  function belongsNow(id: ConversationId): boolean {
    const row = core.rowNow(id);
    return row !== undefined && matches(row, current, core.state.me);
  }

  function show(): void {
    shown = shownOf(now().list, shown, held, open, gone);
    view.value = viewNow();
  }

  async function ask(cursor: string | null, time = 0): Promise<void> {
    const query = current;
    const mark = Symbol();
    let tooOld = false;
    asking = mark;
    error = null;
    view.value = viewNow();
    try {
      const page = await core.api("GET /api/conversations", { query: wireQuery(query, cursor) });
      const taken = takePage(core.state, page);
      if (taken.kind === "too_old") {
        tooOld = true;
        return core.anew(time, () => void (asking === mark && ask(cursor, time + 1)));
      }
      const key = keyOf(query);
      const before = cursor === null ? emptyList(query) : (kept.get(key)?.list ?? emptyList(query));
      kept.set(key, { list: withPage(before, page.rows, page.next, core.rowNow, core.state.me), loaded: true });
      core.publish(taken.touched);
    } catch (cause) {
      if (asking === mark) error = apiError(cause);
    } finally {
      if (asking === mark && !tooOld) {
        asking = null;
        show();
      }
    }
  }

  core.onPublished((touched: Touched) => {
    if (touched.conversations.size === 0) return;
    for (const one of kept.values()) one.list = replaced(one.list, touched.conversations, core.rowNow, core.state.me);
    // Deleted forever: there is nothing to show, also in a list that is held.
    const deleted = [...touched.conversations].filter((id) => shown.ids.includes(id) && core.rowNow(id) === undefined);
    gone = new Set([...gone, ...deleted]);
    // Dealt with here, and somebody has brought it back: it is there again, whatever the pointer does.
    gone = new Set([...gone].filter((id) => !touched.conversations.has(id) || !belongsNow(id)));
    show();
  });

  return {
    view,
    async open(query) {
      if (keyOf(query) !== keyOf(current)) {
        current = query;
        held = false;
        gone = new Set();
        shown = { ids: [], waiting: 0 };
        show();
      }
      await ask(null);
    },
    async loadMore() {
      const cursor = now().list.cursor;
      if (cursor !== null && asking === null) await ask(cursor);
    },
    hold(next) {
      if (held === next) return;
      held = next;
      show();
    },
    letGo() {
      held = false;
      gone = new Set();
      show();
    },
    setOpen(id) {
      if (open === id) return;
      open = id;
      show();
    },
    dismiss(id) {
      gone = new Set([...gone, id]);
      show();
    },
    restore(id) {
      gone = new Set([...gone].filter((one) => one !== id));
      show();
    },
    reload: () => ask(null),
    mayHold: (patch) => [...kept.values()].some(({ list, loaded }) => loaded && mayJoin(patch, list, core.state.me)),
    held: () => new Set([...shown.ids, ...[...kept.values()].flatMap(({ list }) => list.ids)]),
    forget() {
      kept.clear();
      shown = { ids: [], waiting: 0 };
      view.value = viewNow();
    },
  };
}

/** Rows of one page, conversations. */
const PAGE_ROWS = 50;

function wireQuery(query: ListQuery, cursor: string | null): ConversationQuery {
  return {
    folder: query.folder,
    sort: query.sort,
    limit: PAGE_ROWS,
    ...filtersIn(query),
    ...(cursor === null ? {} : { cursor }),
  };
}

function keyOf(query: ListQuery): string {
  return JSON.stringify([query.folder, query.sort, filtersIn(query)]);
}
