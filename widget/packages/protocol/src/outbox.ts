/** Where kept commands outlive the page. */

import type { Face, Kept, OutboxStorage } from "./faces.js";

/**
 * One entry per command, so that tabs that share the storage do not overwrite each other's. A storage that is full or
 * forbidden costs the surviving of a reload, not the message: the client holds every kept command in memory too.
 */
export function webStorageOutbox<F extends Face>(storage: Storage, prefix: string): OutboxStorage<F> {
  /** An entry that cannot be read (a broken write, somebody else's) would never be sent: it goes. */
  function read(key: string): Kept<F>[] {
    try {
      const kept = JSON.parse(storage.getItem(key) ?? "") as Kept<F>;
      if (kept.command) return [kept];
    } catch {
      // Half an entry.
    }
    storage.removeItem(key);
    return [];
  }

  return {
    load() {
      const found: Kept<F>[] = [];
      try {
        // The names first: removing moves what is numbered.
        const keys = Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? "");
        for (const key of keys) if (key.startsWith(prefix)) found.push(...read(key));
      } catch {
        // Forbidden: then nothing was put.
      }
      return found.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    },
    put(kept) {
      try {
        storage.setItem(prefix + kept.id, JSON.stringify(kept));
      } catch {
        // Full or forbidden: see above.
      }
    },
    remove(id) {
      try {
        storage.removeItem(prefix + id);
      } catch {
        // Forbidden: then it was never put.
      }
    },
  };
}
