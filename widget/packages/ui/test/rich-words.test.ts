import type { Format } from "@switchboard/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nested, type Words } from "../src/components/rich-words";

const said = (words: readonly Words[]): string =>
  words.map((one) => (typeof one === "string" ? one : said(one.words))).join("");

/** "a <bold>b</bold>" */
const drawn = (words: readonly Words[]): string =>
  words.map((one) => (typeof one === "string" ? one : `<${one.kind}>${drawn(one.words)}</${one.kind}>`)).join("");

const bold = (offset: number, length: number): Format => ({ kind: "bold", offset, length });
const italic = (offset: number, length: number): Format => ({ kind: "italic", offset, length });
const link = (url?: string): Format => ({ kind: "link", offset: 0, length: 4, ...(url === undefined ? {} : { url }) });

describe("a text with parts that are set in something", () => {
  test("has them where they are, one within the other", () => {
    expect(drawn(nested("one two three", [bold(4, 3)]))).toBe("one <bold>two</bold> three");
    expect(drawn(nested("one two three", [italic(4, 3), bold(0, 7)]))).toBe(
      "<bold>one <italic>two</italic></bold> three",
    );
    expect(drawn(nested("abc", [bold(0, 3), italic(0, 3)]))).toBe("<bold><italic>abc</italic></bold>");
    expect(drawn(nested("abcd", [bold(0, 2), italic(2, 2)]))).toBe("<bold>ab</bold><italic>cd</italic>");
    expect(drawn(nested("", []))).toBe("");
  });

  test("counts as JavaScript does, and never cuts through a character", () => {
    const text = "👋🏽 hi";
    expect(drawn(nested(text, [bold(5, 2)]))).toBe("👋🏽 <bold>hi</bold>");
    expect(drawn(nested(text, [bold(0, 4)]))).toBe("<bold>👋🏽</bold> hi");
    expect(drawn(nested(text, [bold(1, 3), bold(0, 1)]))).toBe(text);
  });

  test("leaves out what cannot be, and keeps its words", () => {
    const unknown = { kind: "blink", offset: 0, length: 2 } as unknown as Format;
    const impossible = [bold(-1, 2), bold(2, 9), bold(9, 1), bold(0, 0), bold(0.5, 1), bold(0, Number.NaN), unknown];
    for (const one of impossible) expect(nested("text", [one])).toEqual(["text"]);
    expect(drawn(nested("abcdef", [bold(0, 4), italic(2, 4)]))).toBe("<bold>abcd</bold>ef");
  });

  test("leads nowhere but to addresses", () => {
    for (const url of ["https://a.example/", "http://a.example", "mailto:a@b.example", "tel:+31612345678"])
      expect(nested("here", [link(url)])).toEqual([{ kind: "link", url, words: ["here"] }]);
    for (const url of ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "/path", "", undefined])
      expect(nested("here", [link(url)])).toEqual(["here"]);
  });

  test("is all there in its order, whatever its parts are said to be", () => {
    const format = fc.record({
      kind: fc.constantFrom<Format["kind"]>("bold", "italic", "spoiler", "pre", "quote", "code"),
      offset: fc.integer({ min: -2, max: 14 }),
      length: fc.integer({ min: -2, max: 14 }),
    });
    const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "é", "🚲", "👩‍👧", "مر"), maxLength: 10 });
    fc.assert(
      fc.property(text, fc.array(format, { maxLength: 12 }), (words, formats) => {
        const parts = nested(words, formats);
        expect(said(parts)).toBe(words);
        const none = (list: readonly Words[]): boolean =>
          list.some((one) => one === "" || (typeof one !== "string" && (one.words.length === 0 || none(one.words))));
        expect(none(parts)).toBe(false);
        // Whole characters, whatever the parts say.
        for (const one of parts) if (typeof one === "string") expect(one).not.toMatch(/\p{Cs}/u);
      }),
    );
  });

  test("of many parts takes no time", () => {
    const started = performance.now();
    const text = "word ".repeat(2_000);
    nested(
      text,
      Array.from({ length: 1_000 }, (_, place) => bold(place * 5, 4)),
    );
    nested(
      text,
      Array.from({ length: 1_000 }, (_, place) => bold(place, 2_000 - place)),
    );
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
