/**
 * Things of one person that outlive the page: one entry of the browser's storage per thing, so that two tabs do not
 * overwrite each other's. What nobody came back for goes after some weeks. A storage that is full or forbidden costs the
 * surviving of a reload, not the thing: its owner holds it in memory too.
 */
import type { Core } from "./core";

/** What was left alone this long is forgotten, milliseconds. */
export const FORGOTTEN_MS = 30 * 24 * 3_600_000;

export interface Shelf<T> {
  get(id: string): T | undefined;
  all(): readonly T[];
  put(id: string, thing: T): void;
  remove(id: string): void;
  /** Hears what the same person's other tabs do to it; what comes back stops that. */
  elsewhere(listener: (id: string, before: T | undefined, after: T | undefined) => void): () => void;
}

/** `at`: when it was put there, unix milliseconds. */
interface Entry<T> {
  readonly at: number;
  readonly thing: T;
}

export function shelf<T>(
  { storage, clock, otherTabs }: Pick<Core, "storage" | "clock" | "otherTabs">,
  kind: string,
  owner: string,
): Shelf<T> {
  const mine = `${kind}.${owner}.`;

  function read(key: string): Entry<T> | undefined {
    try {
      return entryIn<T>(storage.getItem(key));
    } catch {
      // Forbidden.
      return undefined;
    }
  }

  function remove(key: string): void {
    try {
      storage.removeItem(key);
    } catch {
      // Forbidden: then it was never put.
    }
  }

  /** The names first: removing moves what is numbered. */
  function keys(prefix: string): string[] {
    try {
      const all = Array.from({ length: storage.length }, (_, place) => storage.key(place) ?? "");
      return all.filter((key) => key.startsWith(prefix));
    } catch {
      return [];
    }
  }

  // Also other people's, who may never sign in here again.
  for (const key of keys(`${kind}.`)) {
    const entry = read(key);
    if (!entry || clock() - entry.at > FORGOTTEN_MS) remove(key);
  }

  return {
    get: (id) => read(mine + id)?.thing,
    all: () =>
      keys(mine)
        .flatMap((key) => read(key) ?? [])
        .sort((a, b) => a.at - b.at)
        .map(({ thing }) => thing),
    put(id, thing) {
      try {
        storage.setItem(mine + id, JSON.stringify({ at: clock(), thing }));
      } catch {
        // Full or forbidden: see above.
      }
    },
    remove: (id) => remove(mine + id),
    elsewhere: (listener) =>
      otherTabs((key, before, after) => {
        if (key.startsWith(mine)) listener(key.slice(mine.length), entryIn<T>(before)?.thing, entryIn<T>(after)?.thing);
      }),
  };
}

function entryIn<T>(text: string | null): Entry<T> | undefined {
  try {
    const entry = JSON.parse(text ?? "") as Partial<Entry<T>>;
    return typeof entry.at === "number" && entry.thing !== undefined ? (entry as Entry<T>) : undefined;
  } catch {
    // Nothing there, or half an entry.
    return undefined;
  }
}
