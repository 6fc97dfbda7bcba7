/**
 * What the panel keeps: in the frame's own storage, and where the browser gives a frame of another site none, with the page
 * around it, as also where the page around it wants it so. Without either it lasts as long as the frame.
 */

import { type OutboxStorage, type Shelf, type ShelfStorage, webShelf } from "@switchboard/protocol";

import type { Lent } from "../shared/frame";
import type { Pending } from "./chat";
import type { Host } from "./host";

/** Written messages kept over a reload, the newest. */
const PENDING_MAX = 50;

export interface Memory {
  get(name: string): string | null;
  set(name: string, value: string): void;
  /** What waits to be sent, as the socket's client keeps it. */
  outbox: OutboxStorage<"visitor">;
  /** The same as the visitor sees it, with its files, and what the hub has refused. */
  pending: Shelf<Pending>;
}

export async function openStorage(host: Host, lent = false): Promise<ShelfStorage> {
  try {
    if (!lent) return localStorage;
  } catch {}
  return lentBy(host, (await host.known).lent);
}

export function openMemory(storage: ShelfStorage, prefix: string): Memory {
  return {
    get: (name) => storage.getItem(prefix + name),
    set(name, value) {
      try {
        storage.setItem(prefix + name, value);
      } catch {
        // Full.
      }
    },
    outbox: webShelf(storage, `${prefix}outbox.`),
    pending: webShelf(storage, `${prefix}pending.`, PENDING_MAX),
  };
}

/** Of several tabs of a page, the last one's is kept. */
function lentBy(host: Host, lent: Lent = {}): ShelfStorage {
  const held = new Map(Object.entries(lent));
  const keep = (_: unknown) => host.tell({ t: "keep", value: Object.fromEntries(held) });
  return {
    get length() {
      return held.size;
    },
    key: (place) => [...held.keys()][place] ?? null,
    getItem: (name) => held.get(name) ?? null,
    setItem: (name, value) => keep(held.set(name, value)),
    removeItem: (name) => keep(held.delete(name)),
  };
}
