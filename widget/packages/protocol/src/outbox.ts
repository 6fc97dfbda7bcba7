/** What outlives the page: commands that wait to be sent, and what else a page wants to keep of the same kind. */

import type { Face, Kept, OutboxStorage, Shelf } from "./faces.js";

/** What a shelf needs of a browser's storage. */
export type ShelfStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/**
 * One entry per thing, so that tabs that share the storage do not overwrite each other's. A storage that is full
 * costs the surviving of a reload and nothing else: whoever puts a thing here holds it in memory too. Of more than `most`
 * things, `load` takes the newest and removes the others.
 */
export function webShelf<T extends { id: string; at: number }>(
  storage: ShelfStorage,
  prefix: string,
  most = Number.POSITIVE_INFINITY,
): Shelf<T> {
  /** An entry that cannot be read (a broken write, somebody else's) is of no use to anybody: it goes. */
  function read(key: string): T[] {
    try {
      const thing = JSON.parse(storage.getItem(key) ?? "") as T;
      if (thing.id) return [thing];
    } catch {
      // Half an entry.
    }
    storage.removeItem(key);
    return [];
  }

  const remove = (id: string) => storage.removeItem(prefix + id);

  return {
    load() {
      // The names first: removing moves what is numbered.
      const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");
      const found = keys.flatMap((key) => (key.startsWith(prefix) ? read(key) : []));
      found.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
      for (const { id } of found.splice(0, Math.max(0, found.length - most))) remove(id);
      return found;
    },
    put(thing) {
      try {
        storage.setItem(prefix + thing.id, JSON.stringify(thing));
      } catch {
        // Full: see above.
      }
    },
    remove,
  };
}

export function webStorageOutbox<F extends Face>(storage: Storage, prefix: string): OutboxStorage<F> {
  return webShelf<Kept<F>>(storage, prefix);
}
