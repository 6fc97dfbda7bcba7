/** What a change of many makes of each, before the hub has said so. */
import { expect, it } from "vitest";
import { bulkPatch } from "../src/desk/selection";
import { applyEvent } from "../src/state/events";
import { emptyState, nothingTouched } from "../src/state/model";
import { EPOCH, ME, row } from "./events";

it("adds and takes tags beside those that each has", () => {
  const tagged = row("C1", { tags: ["b", "old"] });
  expect(bulkPatch({ add_tags: ["a", "b"], remove_tags: ["old"] }, tagged)).toEqual({ tags: ["a", "b"] });
  expect(bulkPatch({ place: "archived" }, tagged)).toEqual({ place: "archived" });
});

it("reads all that is in it, or leaves the contact's last message unread", () => {
  const read = row("C1", { last_number: 7, last_in_number: 5 });
  expect(bulkPatch({ read: true }, read)).toEqual({ read_number: 7 });
  expect(bulkPatch({ read: false }, read)).toEqual({ read_number: 4 });
});

it("closes as one is closed: nobody waits any more", () => {
  expect(bulkPatch({ status: "closed" }, row("C1", { waiting_since: 5 }))).toEqual({
    status: "closed",
    snoozed_until: null,
    waiting_since: null,
  });
});

it("holds nothing of what was deleted forever", () => {
  const held = emptyState(ME, { epoch: EPOCH, position: 0 });
  for (const id of ["C1", "C2"]) held.conversations.set(id, { thing: row(id), at: 0 });
  const touched = nothingTouched();
  applyEvent(held, { position: 9, at: 0, event: "conversation_removed", conversation_id: "C1" }, touched);
  expect([...held.conversations.keys()]).toEqual(["C2"]);
  expect([...touched.conversations]).toEqual(["C1"]);
});
