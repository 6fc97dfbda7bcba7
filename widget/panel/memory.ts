/** What the panel keeps in the frame's own storage. Where the browser forbids it, it lasts as long as the frame. */

import { type OutboxStorage, type Shelf, webShelf } from "@switchboard/protocol";

import type { Pending } from "./chat";

/** Written messages kept over a reload, the newest. */
const PENDING_MAX = 50;

export interface Memory {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  /** What waits to be sent, as the socket's client keeps it. */
  outbox: OutboxStorage<"visitor"> | undefined;
  /** The same as the visitor sees it, with its files, and what the hub has refused. */
  pending: Shelf<Pending> | undefined;
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
    outbox: storage && webShelf(storage, `${prefix}outbox.`),
    pending: storage && webShelf(storage, `${prefix}pending.`, PENDING_MAX),
  };
}
