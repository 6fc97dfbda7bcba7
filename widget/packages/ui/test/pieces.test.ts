import { describe, expect, test } from "vitest";
import { faceOf, initials } from "../src/components/avatar";
import { ariaKeys, caps } from "../src/components/kbd";
import { beginsGroup, GROUP_MS } from "../src/components/message-item";
import { place } from "../src/float";
import { linkify } from "../src/linkify";

describe("addresses in a text", () => {
  const links = (text: string) =>
    linkify(text)
      .filter((piece) => piece.kind === "link")
      .map((piece) => piece.href);

  test.each([
    ["see https://shop.example/a?b=1#c.", ["https://shop.example/a?b=1#c"]],
    ["(https://en.example/wiki/Rust_(language))", ["https://en.example/wiki/Rust_(language)"]],
    ["write to anna@shop.example, please", ["mailto:anna@shop.example"]],
    ["www.shop.example!", ["https://www.shop.example"]],
    ["javascript:alert(1) data:text/html,x file:///etc", []],
    ["no link at 3.14 or a.b", []],
    ["https://", []],
  ])("%s", (text, wanted) => expect(links(text)).toEqual(wanted));

  test("every character of the text is still there", () => {
    const text = "a <b>https://x.example/</b> ⟨mail@y.example⟩\nwww.z.example،";
    expect(
      linkify(text)
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });

  test("a long line of almost-addresses takes no time", () => {
    const started = performance.now();
    linkify("a.".repeat(20_000) + "@".repeat(2_000));
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("faces", () => {
  test.each([
    ["Anna van der Meer", "AM"],
    ["Ben", "B"],
    ["نور الهاشمي", "نا"],
    ["李小龙", "李"],
    ["anna@shop.example", "A"],
    ["🙂 Zoë", "Z"],
    ["", ""],
  ])("%s has the initials %s", (name, wanted) => expect(initials(name)).toBe(wanted));

  test("a person keeps their colour, and people differ", () => {
    expect(faceOf("01J8")).toBe(faceOf("01J8"));
    expect(new Set(Array.from({ length: 64 }, (_, i) => faceOf(`agent-${i}`))).size).toBe(8);
  });
});

test("keys are named as the keyboard names them", () => {
  expect(caps("Mod+K", true)).toEqual(["⌘", "K"]);
  expect(caps("Mod+K", false)).toEqual(["Ctrl", "K"]);
  expect(ariaKeys("Mod+Enter", false)).toBe("Control+Enter");
});

test("messages of one author stand together while they follow closely and are of one kind", () => {
  const one = { authorId: "a", note: false, at: 0 };
  expect(beginsGroup(undefined, one)).toBe(true);
  expect(beginsGroup(one, { ...one, at: GROUP_MS })).toBe(false);
  expect(beginsGroup(one, { ...one, at: GROUP_MS + 1 })).toBe(true);
  expect(beginsGroup(one, { ...one, authorId: "b" })).toBe(true);
  expect(beginsGroup(one, { ...one, note: true })).toBe(true);
});

describe("what floats", () => {
  const view = { width: 400, height: 300 };
  const size = { width: 100, height: 80 };
  const below = { side: "bottom", align: "start", gap: 4, rtl: false } as const;

  test("stands below where there is room, above where there is not", () => {
    expect(place({ left: 50, top: 50, width: 40, height: 20 }, size, view, below)).toEqual({ left: 50, top: 74 });
    expect(place({ left: 50, top: 260, width: 40, height: 20 }, size, view, below)).toEqual({ left: 50, top: 176 });
  });

  test("starts at the right where writing does, and stays in the window", () => {
    expect(place({ left: 200, top: 50, width: 40, height: 20 }, size, view, { ...below, rtl: true }).left).toBe(140);
    expect(place({ left: 380, top: 50, width: 16, height: 20 }, size, view, below).left).toBe(292);
  });
});
