/** What the page shows at once is what the hub will make of it: one table of cases, which the hub's own test reads too. */
import type { Contact, ConversationChange, ConversationRow } from "@switchboard/protocol";
import { describe, expect, it } from "vitest";
import cases from "../../domain/tests/changes.json";
import { inverse, makeChanges, patchOf } from "../src/desk/changes";
import type { Core } from "../src/desk/core";
import { emptyState, patched } from "../src/state/model";
import { row } from "./events";

interface Case {
  readonly name: string;
  readonly row: Partial<ConversationRow>;
  readonly change: ConversationChange;
  readonly after: Partial<ConversationRow>;
}

describe("a change that shows at once", () => {
  it.each(cases as unknown as Case[])("$name", ({ row: over, change, after }) => {
    const before = row("1", over);
    expect(patched(before, patchOf(change, before))).toEqual({ ...before, ...after });
  });

  it("can be taken back, also out of the archive", () => {
    const before = row("1", { status: "closed", place: "archived" });
    const change = { status: "open" } as const;
    const after = patched(before, patchOf(change, before));
    expect(patched(after, patchOf(inverse(change, before), after))).toEqual(before);
  });
});

it("a customer's tags are changed one behind the other: the second keeps the first", async () => {
  const state = emptyState("me", { epoch: "e", position: 1 });
  const card: Contact = {
    id: "c",
    name: null,
    email: null,
    phone: null,
    language: null,
    time_zone: null,
    notes: "",
    tags: ["old"],
    identities: [],
    created_at: 1,
  };
  state.contacts.set("c", { thing: card, at: 1 });
  const asked: string[][] = [];
  const answers: (() => void)[] = [];
  const api = (_route: string, { body }: { body: { tags: string[] } }) => {
    asked.push(body.tags);
    return new Promise((done) => answers.push(() => done({ ...card, tags: body.tags })));
  };
  const changes = makeChanges({ state, api, publish: () => undefined } as unknown as Core);
  const both = [changes.tag("c", "one", true), changes.tag("c", "two", true), changes.tag("c", "old", false)];
  await expect.poll(() => asked.length).toBe(1);
  answers[0]?.();
  await expect.poll(() => asked.length).toBe(2);
  answers[1]?.();
  await expect.poll(() => asked.length).toBe(3);
  answers[2]?.();
  expect(await Promise.all(both)).toEqual([null, null, null]);
  expect(asked).toEqual([
    ["old", "one"],
    ["old", "one", "two"],
    ["one", "two"],
  ]);
});
