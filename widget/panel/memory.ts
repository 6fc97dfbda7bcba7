/** What the panel keeps in the frame's own storage. Where the browser forbids it, it lasts as long as the frame. */

import { type OutboxStorage, webStorageOutbox } from "@switchboard/protocol";

export interface Memory {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  outbox: OutboxStorage<"visitor"> | undefined;
}

export function localMemory(prefix: string): Memory {
  const volatile = new Map<string, string>();
  let storage: Storage | undefined;
  try {
    storage = localStorage;
  } catch {
    // Forbidden in this frame.
  }
  return {
    get: (name) => storage?.getItem(prefix + name) ?? volatile.get(name),
    set(name, value) {
      volatile.set(name, value);
      try {
        storage?.setItem(prefix + name, value);
      } catch {
        // Full: the volatile one holds it.
      }
    },
    outbox: storage && webStorageOutbox(storage, `${prefix}outbox.`),
  };
}
