/** The views that this person sees: lists that somebody has kept under a name. Asked for anew whenever one has changed. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { SaveView, View, ViewId } from "@switchboard/protocol";
import type { Core } from "./core";

export interface Views {
  /** In their order, the shared ones first. Null: no answer has come yet. */
  readonly list: ReadonlySignal<readonly View[] | null>;
  /** What is known may be old, or nothing is. */
  stale(): void;
  forget(): void;
  /** These reject with an `ApiError`. */
  create(view: SaveView): Promise<View>;
  save(id: ViewId, view: SaveView): Promise<void>;
  remove(id: ViewId): Promise<void>;
  /** One place up or down among its like. */
  move(id: ViewId, by: 1 | -1): Promise<void>;
}

export function makeViews({ api, newId }: Pick<Core, "api" | "newId">): Views {
  const list = signal<readonly View[] | null>(null);
  let latest = 0;

  async function load(): Promise<void> {
    latest += 1;
    const mine = latest;
    const { views } = await api("GET /api/views");
    // What was asked for later knows better.
    if (mine === latest) list.value = views;
  }

  const stale = (): void => void load().catch(() => undefined);

  return {
    list,
    stale,
    forget: () => {
      latest += 1;
      list.value = null;
    },
    async create(body) {
      const made = await api("POST /api/views", { body, idempotencyKey: newId() });
      await load();
      return made;
    },
    async save(id, body) {
      await api("PUT /api/views/{id}", { id, body });
      await load();
    },
    async remove(id) {
      await api("DELETE /api/views/{id}", { id });
      list.value = (list.value ?? []).filter((one) => one.id !== id);
    },
    async move(id, by) {
      const ids = moved(list.value ?? [], id, by);
      if (ids === null) return;
      latest += 1;
      list.value = (await api("PUT /api/views", { body: { ids } })).views;
    },
  };
}

/** The order in which those stand that may be moved, with this one moved among its like; null: it stands at the end. */
export function moved(views: readonly View[], id: ViewId, by: 1 | -1): ViewId[] | null {
  const one = views.find((view) => view.id === id);
  const mine = views.filter((view) => view.mine_to_change && view.shared === one?.shared).map((view) => view.id);
  const at = mine.indexOf(id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= mine.length) return null;
  mine.splice(at, 1);
  mine.splice(to, 0, id);
  return mine;
}
