/** What the page shows at once is what the hub will make of it: one table of cases, which the hub's own test reads too. */
import type { ConversationChange, ConversationRow } from "@switchboard/protocol";
import { describe, expect, it } from "vitest";
import cases from "../../domain/tests/changes.json";
import { inverse, patchOf } from "../src/desk/changes";
import { patched } from "../src/state/model";
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
