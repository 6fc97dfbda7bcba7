/**
 * The conversations that are selected in the list, and what is done to all of them: one request, shown at once, and one
 * that takes it back. What leaves the list by itself leaves the selection, and that is counted so that it can be said.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import {
  type ApiError,
  BULK,
  type BulkChange,
  type ChangedConversations,
  type ConversationChange,
  type ConversationId,
  type ConversationRow,
  type Turn,
} from "@switchboard/protocol";
import { apiError } from "../net/errors";
import { type ListQuery, matches } from "../state/lists";
import { patched, type RowPatch } from "../state/model";
import { lay, liftOverlay, overlayDone } from "../state/optimistic";
import { patchOf } from "./changes";
import type { Core } from "./core";
import type { Lists } from "./lists";

/** What is selected. */
export interface Selected {
  readonly ids: ReadonlySet<ConversationId>;
  /** So many have left the list, and with it the selection, since it was last changed by hand. */
  readonly left: number;
  /** So many are being changed now. */
  readonly working: number;
}

export interface Selection {
  readonly view: ReadonlySignal<Selected>;
  toggle(id: ConversationId): void;
  /** All from the one that was touched last to this one. */
  through(id: ConversationId): void;
  /** From the one that was touched last, or else from `from`, a row on; the row that it has come to. */
  step(by: 1 | -1, from: ConversationId | null): ConversationId | null;
  /** All that the list shows, at most as many as one request takes. */
  all(): void;
  clear(): void;
  /** These are gone, as was wished: they leave the selection, and that is no news. */
  without(ids: readonly ConversationId[]): void;
  /** Changes what is selected; what became of it, or why nothing did. */
  change(change: BulkChange): Promise<ChangedConversations | ApiError>;
  /** Takes such a change back. */
  undo(turns: readonly Turn[]): Promise<ChangedConversations | ApiError>;
}

const NONE: Selected = { ids: new Set(), left: 0, working: 0 };

export function makeSelection(core: Core, lists: Lists): Selection {
  const view = signal<Selected>(NONE);
  /** Touched last, from which a range goes, and where the range has come to. */
  let anchor: ConversationId | null = null;
  let end: ConversationId | null = null;
  let query: ListQuery = lists.view.peek().query;

  const choose = (ids: Iterable<ConversationId>): void => {
    view.value = { ...view.value, ids: new Set([...ids].slice(0, BULK)), left: 0 };
  };

  lists.view.subscribe((list) => {
    if (JSON.stringify(list.query) !== JSON.stringify(query)) {
      query = list.query;
      anchor = null;
      end = null;
      view.value = { ...NONE, working: view.value.working };
    }
    const { ids, left } = view.value;
    if (ids.size === 0 || list.fresh) return;
    const shown = new Set(list.ids);
    const staying = [...ids].filter((id) => shown.has(id));
    if (staying.length === ids.size) return;
    view.value = { ...view.value, ids: new Set(staying), left: left + ids.size - staying.length };
  });

  /** From where it begins; what has left the list begins nothing. */
  function range(to: ConversationId): void {
    const { ids } = lists.view.value;
    if (anchor === null || !ids.includes(anchor)) anchor = to;
    const [from, until] = [ids.indexOf(anchor), ids.indexOf(to)].sort((a, b) => a - b) as [number, number];
    choose([...view.value.ids, ...ids.slice(from, until + 1)]);
  }

  /** Shows it at once, asks, and lifts what was refused. */
  async function send(
    patches: ReadonlyMap<ConversationId, RowPatch>,
    ask: () => Promise<ChangedConversations>,
  ): Promise<ChangedConversations | ApiError> {
    const overlay = core.newId();
    for (const [id, patch] of patches) core.publish(lay(core.state, id, { id: overlay, patch, until: null }));
    view.value = { ...view.value, working: view.value.working + patches.size };
    try {
      const done = await ask();
      const changed = new Set(done.changed.map((one) => one.conversation_id));
      for (const id of patches.keys())
        core.publish(overlayDone(core.state, id, overlay, changed.has(id) ? done.position : undefined));
      return done;
    } catch (cause) {
      for (const id of patches.keys()) core.publish(liftOverlay(core.state, id, overlay));
      return apiError(cause);
    } finally {
      view.value = { ...view.value, working: view.value.working - patches.size };
    }
  }

  return {
    view,
    toggle(id) {
      const ids = new Set(view.value.ids);
      if (!ids.delete(id)) ids.add(id);
      anchor = id;
      end = id;
      choose(ids);
    },
    through(id) {
      range(id);
      end = id;
    },
    step(by, from) {
      const { ids } = lists.view.value;
      const known = (id: ConversationId | null) => (id !== null && ids.includes(id) ? id : null);
      const any = view.value.ids.size > 0;
      const at = (any ? known(end) : null) ?? known(from);
      if (!any || at === null) anchor = at ?? ids[0] ?? null;
      const next = at === null ? anchor : (ids[ids.indexOf(at) + by] ?? at);
      if (next === null) return null;
      end = next;
      range(next);
      return next;
    },
    all: () => choose(lists.view.value.ids),
    clear() {
      anchor = null;
      end = null;
      view.value = { ...NONE, working: view.value.working };
    },
    without(gone) {
      const ids = new Set(view.value.ids);
      for (const id of gone) ids.delete(id);
      if (ids.size !== view.value.ids.size) view.value = { ...view.value, ids };
    },
    async change(change) {
      const ids = [...view.value.ids];
      const rows = ids.flatMap((id) => core.rowNow(id) ?? []);
      const patches = new Map(rows.map((row) => [row.id, bulkPatch(change, row)]));
      const { me } = core.state;
      const leaving = rows.filter((row) => !matches(patched(row, patches.get(row.id) ?? {}), query, me));
      // They leave by what is done here: that is no news to whoever does it.
      const gone = new Set(leaving.map(({ id }) => id));
      view.value = { ...view.value, ids: new Set(ids.filter((id) => !gone.has(id))), left: 0 };
      for (const id of gone) lists.dismiss(id);
      const done = await send(patches, () => core.api("POST /api/conversations/changes", { body: { ids, change } }));
      const back = "code" in done ? ids : done.refused.map((one) => one.conversation_id);
      for (const id of back) lists.restore(id);
      // Behind the drawing that puts them into the list again.
      core.beforeDrawing(() => {
        const shown = new Set(lists.view.value.ids);
        const again = back.filter((id) => shown.has(id));
        if (again.length > 0) choose([...view.value.ids, ...again]);
      });
      return done;
    },
    async undo(turns) {
      const patches = new Map(turns.map((turn) => [turn.conversation_id, turnedBack(turn)]));
      for (const id of patches.keys()) lists.restore(id);
      return send(patches, () => core.api("POST /api/conversations/changes/undone", { body: { turns: [...turns] } }));
    },
  };
}

/** What the hub will make of it (`hub/domain/src/bulk.rs`), as far as this page can know. */
export function bulkPatch(change: BulkChange, row: ConversationRow): RowPatch {
  const { add_tags: add = [], remove_tags: remove = [], read, ...same } = change;
  const one: ConversationChange = { ...same };
  if (add.length > 0 || remove.length > 0) one.tags = [...row.tags.filter((tag) => !remove.includes(tag)), ...add];
  const reading =
    read === undefined ? {} : { read_number: read ? row.last_number : Math.max(0, row.last_in_number - 1) };
  return { ...patchOf(one, row), ...reading };
}

/** As it was before; how its tags stand the event says. */
function turnedBack({ was }: Turn): RowPatch {
  return was;
}
