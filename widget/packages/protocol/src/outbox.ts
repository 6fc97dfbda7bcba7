/** Where kept commands outlive the page. */

import type { Face, Kept, OutboxStorage } from "./faces.js";

/**
 * One entry per command, so that tabs that share the storage do not overwrite each other's. A storage that is full or
 * forbidden costs the surviving of a reload, not the message: the client holds every kept command in memory too.
 */
export function webStorageOutbox<F extends Face>(storage: Storage, prefix: string): OutboxStorage<F> {
  return {
    load() {
      const found: Kept<F>[] = [];
      try {
        for (let i = 0; i < storage.length; i++) {
          const key = storage.key(i);
          if (key?.startsWith(prefix)) found.push(JSON.parse(storage.getItem(key) ?? "") as Kept<F>);
        }
      } catch {
        // Unreadable: somebody else's or a broken write. Nothing that we could send.
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
