import { expect, test } from "vitest";

import { type Kept, webShelf, webStorageOutbox } from "../src/index.js";

/** As the browser's: an order of its own, keys by number, and its length changes while one removes. */
class FakeStorage implements Storage {
  private rows = new Map<string, string>();
  get length() {
    return this.rows.size;
  }
  key = (i: number) => [...this.rows.keys()][i] ?? null;
  getItem = (name: string) => this.rows.get(name) ?? null;
  setItem = (name: string, value: string) => void this.rows.set(name, value);
  removeItem = (name: string) => void this.rows.delete(name);
  clear = () => this.rows.clear();
}

const said = (id: string, at: number): Kept<"visitor"> => ({ id, at, command: { do: "send", text: id } });

function outbox() {
  const storage = new FakeStorage();
  return { storage, box: webStorageOutbox<"visitor">(storage, "outbox.") };
}

test("what was put comes back in the order in which it was said, until it is removed", () => {
  const { box } = outbox();
  for (const kept of [said("c", 3), said("a", 1), said("b", 2)]) box.put(kept);
  box.remove("b");
  expect(box.load()).toEqual([said("a", 1), said("c", 3)]);
});

test("an entry that is broken costs itself alone, and does not stay", () => {
  const { storage, box } = outbox();
  storage.setItem("outbox.half", '{"id":"half","at"');
  storage.setItem("outbox.nothing", "null");
  storage.setItem("outbox.other", '{"at":1}');
  storage.setItem("somebody.else", "{");
  for (const kept of [said("a", 1), said("b", 2)]) box.put(kept);
  storage.setItem("outbox.late", "");
  expect(box.load().map(({ id }) => id)).toEqual(["a", "b"]);
  expect(Array.from({ length: storage.length }, (_, i) => storage.key(i))).toEqual([
    "somebody.else",
    "outbox.a",
    "outbox.b",
  ]);
});

test("a storage that is full or forbidden is no reason to fail", () => {
  const storage = new FakeStorage();
  storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const box = webStorageOutbox<"visitor">(storage, "outbox.");
  box.put(said("a", 1));
  expect(box.load()).toEqual([]);
});

test("of more than it may hold the newest stay", () => {
  const storage = new FakeStorage();
  const shelf = webShelf<{ id: string; at: number }>(storage, "failed.", 2);
  for (const at of [3, 1, 2]) shelf.put({ id: `id-${at}`, at });
  expect(shelf.load().map(({ at }) => at)).toEqual([2, 3]);
  expect(storage.length).toBe(2);
});
