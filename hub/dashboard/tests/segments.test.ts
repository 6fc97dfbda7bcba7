/** What an agent is shown while typing is what the provider will count: one table of cases, which the hub's own test reads too. */
import { describe, expect, it } from "vitest";
import cases from "../../../connectors/sms/tests/segments.json";
import { type Segments, segments } from "../src/desk/segments";

interface Case extends Segments {
  readonly name: string;
  /** Each text so many times, in a row. */
  readonly text: readonly (readonly [string, number])[];
}

describe("a text as SMS", () => {
  it.each(cases as unknown as Case[])("$name", ({ name: _name, text, ...expected }) => {
    expect(segments(text.map(([part, times]) => part.repeat(times)).join(""))).toEqual(expected);
  });
});
