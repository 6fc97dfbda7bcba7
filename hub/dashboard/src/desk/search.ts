/** The search that stands in the place of the list: asks page by page, and again when what was found is no longer held. */
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { ApiError, ConversationId, SearchHit } from "@switchboard/protocol";
import { apiError } from "../net/errors";
import { takeRows } from "../state/snapshots";
import type { Core } from "./core";

export interface SearchView {
  /** Null until the hub has answered, and while nothing is looked for. Those of other words stay until then. */
  readonly hits: readonly SearchHit[] | null;
  readonly more: boolean;
  readonly error: ApiError | null;
}

/** Undefined: found by what describes the conversation. */
export type FoundAt = ReadonlyMap<ConversationId, number | undefined>;

export interface Search {
  readonly view: ReadonlySignal<SearchView>;
  /** Which message of each conversation it has found. */
  readonly found: ReadonlySignal<FoundAt>;
  open(words: string): Promise<void>;
  loadMore(): Promise<void>;
  /** Everything anew from the hub. */
  reload(): Promise<void>;
  /** What was found is not to be shown any more. */
  forget(): void;
  close(): void;
}

/** What the hub looks for; a query without any of it finds nothing. */
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

const NOTHING: SearchView = { hits: null, more: false, error: null };

export function hasWords(query: string): boolean {
  return LETTER_OR_DIGIT.test(query);
}

export function makeSearch(core: Core): Search {
  const view = signal(NOTHING);
  let words = "";
  let next: string | null = null;
  /** What was asked last: an answer to anything before it is of no use. */
  let asking: symbol | null = null;

  async function ask(cursor: string | null, time = 0): Promise<void> {
    const mark = Symbol();
    asking = mark;
    const askedAt = core.state.position;
    try {
      const query = { q: words, ...(cursor === null ? {} : { cursor }) };
      const page = await core.api("GET /api/search", { query });
      if (asking !== mark) return;
      const rows = page.hits.map((hit) => hit.conversation);
      const taken = takeRows(core.state, rows, askedAt);
      if (taken.kind === "too_old") return core.anew(time, () => void (asking === mark && ask(cursor, time + 1)));
      core.publish(taken.touched);
      asking = null;
      next = page.next;
      const before = cursor === null ? [] : (view.value.hits ?? []);
      view.value = { hits: [...before, ...page.hits], more: next !== null, error: null };
    } catch (cause) {
      if (asking !== mark) return;
      asking = null;
      view.value = { ...view.value, error: apiError(cause) };
    }
  }

  function show(hits: readonly SearchHit[] | null): void {
    asking = null;
    next = null;
    view.value = { ...NOTHING, hits };
  }

  async function reload(): Promise<void> {
    if (hasWords(words)) await ask(null);
  }

  return {
    view,
    found: computed(() => new Map(view.value.hits?.map((hit) => [hit.conversation.id, hit.message?.number]))),
    async open(wanted) {
      words = wanted;
      if (!hasWords(words)) return show(words.trim() === "" ? null : []);
      view.value = { ...view.value, error: null };
      await reload();
    },
    async loadMore() {
      if (next !== null && asking === null) await ask(next);
    },
    reload,
    forget() {
      if (hasWords(words)) show(null);
    },
    close() {
      words = "";
      show(null);
    },
  };
}
