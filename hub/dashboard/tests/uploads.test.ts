/** Files of a draft: they outlive the page as long as the hub keeps them, and go up when there is a connection. */
import type { ApiError, Attachment } from "@switchboard/protocol";
import { beforeEach, expect, it } from "vitest";
import { shelf } from "../src/desk/shelf";
import { makeUploads, type Uploads, type Waiting } from "../src/desk/uploads";
import { memory, Tabs } from "./events";

const ID = "C1";
const HOUR_MS = 3_600_000;
let kept: Map<string, string>;
let now: number;
let online: boolean;
let last: number;
/** What the hub says to the next files, before it takes them. */
let refusals: ApiError[];
/** What was put off, and for how long. */
let later: { work: () => void; ms: number }[];

/** A page of the same browser. */
function page(tab = { storage: memory(kept), otherTabs: () => () => {} } as ReturnType<Tabs["open"]>): Uploads {
  const made = makeUploads({
    send: async (file): Promise<Attachment> => {
      if (!online) throw new Error("no line");
      const refusal = refusals.shift();
      if (refusal) throw refusal;
      return { id: `up-${file.name}`, name: file.name, media_type: file.type, bytes: file.size, picture: false };
    },
    newId: () => `key-${++last}`,
    clock: () => now,
    live: () => online,
    later: (work, ms) => void later.push({ work, ms }),
    kept: shelf<readonly Waiting[]>({ ...tab, clock: () => now }, "switchboard.files", "me"),
  });
  made.recall(ID);
  return made;
}

function names(of: Uploads): string[] {
  return (of.of.value.get(ID) ?? []).filter((one) => one.done !== null).map((one) => one.done?.id ?? "");
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done));
const file = (name: string): File => new File(["data"], name, { type: "text/plain" });

beforeEach(() => {
  kept = new Map();
  now = 0;
  online = true;
  last = 0;
  refusals = [];
  later = [];
});

it("has what has gone up there again on the next page, until the hub lets go of it", async () => {
  const first = page();
  first.add(ID, file("a.txt"));
  first.add(ID, file("b.txt"));
  await settled();
  first.stop();
  expect(names(page())).toEqual(["up-a.txt", "up-b.txt"]);
  now = 20 * HOUR_MS;
  page().add(ID, file("c.txt"));
  await settled();
  now = 25 * HOUR_MS;
  expect(names(page())).toEqual(["up-c.txt"]);
});

it("has none of it there again that has gone or was taken out", async () => {
  const first = page();
  first.add(ID, file("a.txt"));
  await settled();
  first.remove(ID, first.of.value.get(ID)?.[0]?.key ?? "");
  expect(names(page())).toEqual([]);
  first.add(ID, file("b.txt"));
  await settled();
  first.clear(ID);
  expect(names(page())).toEqual([]);
});

it("keeps what was there when the page is left while another file goes up", async () => {
  const first = page();
  first.add(ID, file("a.txt"));
  await settled();
  online = false;
  first.add(ID, file("b.txt"));
  first.stop();
  await settled();
  expect(names(page())).toEqual(["up-a.txt"]);
});

it("tries again by itself what found no connection", async () => {
  online = false;
  const uploads = page();
  uploads.add(ID, file("a.txt"));
  await settled();
  expect(uploads.of.value.get(ID)?.[0]?.failed?.code).toBe("unavailable");
  online = true;
  uploads.connected();
  await settled();
  expect(names(uploads)).toEqual(["up-a.txt"]);
});

it("tries again by itself, when the hub says, what was refused only in passing", async () => {
  refusals = [
    { code: "rate_limited", message: "", retry_after_ms: 4_000 },
    { code: "overloaded", message: "" },
  ];
  const uploads = page();
  uploads.add(ID, file("a.txt"));
  for (const wait of [4_000, 2_000]) {
    await settled();
    expect(uploads.of.value.get(ID)).toMatchObject([{ failed: null, done: null, share: 0 }]);
    expect(later).toMatchObject([{ ms: wait }]);
    later.pop()?.work();
  }
  await settled();
  expect(names(uploads)).toEqual(["up-a.txt"]);
});

it("gives up after some tries, and tries no more what was taken out or can never go", async () => {
  refusals = Array.from({ length: 20 }, () => ({ code: "overloaded", message: "" }));
  const uploads = page();
  uploads.add(ID, file("a.txt"));
  await settled();
  for (let time = 1; later.length > 0; time += 1) {
    expect(time).toBeLessThan(10);
    later.pop()?.work();
    await settled();
  }
  expect(uploads.of.value.get(ID)?.[0]?.failed?.code).toBe("overloaded");
  uploads.add(ID, file("b.txt"));
  await settled();
  uploads.remove(ID, uploads.of.value.get(ID)?.[1]?.key ?? "");
  const left = refusals.length;
  later.pop()?.work();
  refusals = [{ code: "unsupported_file", message: "" }];
  uploads.add(ID, file("c.exe"));
  await settled();
  expect([left, later, names(uploads)]).toEqual([20 - 7, [], []]);
  expect(uploads.of.value.get(ID)?.at(-1)?.failed?.code).toBe("unsupported_file");
});

it("has the same files in all tabs, and those that went with a message in none", async () => {
  const tabs = new Tabs();
  const [first, second] = [page(tabs.open()), page(tabs.open())];
  first.add(ID, file("a.txt"));
  second.add(ID, file("b.txt"));
  await settled();
  expect([names(first).sort(), names(second).sort()]).toEqual(Array(2).fill(["up-a.txt", "up-b.txt"]));
  online = false;
  second.add(ID, file("c.txt"));
  await settled();
  first.clear(ID);
  expect([names(first), names(second)]).toEqual([[], []]);
  expect(second.of.value.get(ID)?.map((one) => one.file.name)).toEqual(["c.txt"]);
});
