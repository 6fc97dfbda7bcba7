import type { Format, FormatKind, Keyboard, VisitorConversation, VisitorMessage } from "@switchboard/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";

import { choicesOf } from "../panel/bots/choices";
import { type Piece, piecesOf } from "../panel/bots/pieces";

const format = (kind: FormatKind, offset: number, length: number): Format => ({ kind, offset, length });

/** As tags, to be read. */
function shown(pieces: Piece[]): string {
  return pieces
    .map((piece) => (typeof piece === "string" ? piece : `<${piece[0].kind}>${shown(piece[1])}</${piece[0].kind}>`))
    .join("");
}

test("formats lie within each other as they were given, counted in UTF-16 units", () => {
  const text = "💡 all bold, some italic";
  expect(shown(piecesOf(text, [format("italic", 7, 4), format("bold", 3, 8), format("code", 0, 2)]))).toBe(
    "<code>💡</code> <bold>all <italic>bold</italic></bold>, some italic",
  );
  expect(shown(piecesOf("both", [format("bold", 0, 4), format("italic", 0, 4)]))).toBe(
    "<bold><italic>both</italic></bold>",
  );
  expect(shown(piecesOf("plain", []))).toBe("plain");
});

test("what lies over an end is cut there, and what lies outside is left out", () => {
  expect(shown(piecesOf("one two three", [format("bold", 0, 7), format("italic", 4, 9)]))).toBe(
    "<bold>one <italic>two</italic></bold> three",
  );
  expect(shown(piecesOf("one", [format("bold", 1, 40), format("italic", 9, 2), format("code", 2, 0)]))).toBe(
    "o<bold>ne</bold>",
  );
});

test("whatever is set in what, no word is lost and none comes twice", () => {
  const any = fc.record({
    kind: fc.constantFrom<FormatKind>("bold", "pre", "spoiler"),
    offset: fc.nat(30),
    length: fc.nat(30),
  });
  const words = (pieces: Piece[]): string =>
    pieces.map((piece) => (typeof piece === "string" ? piece : words(piece[1]))).join("");
  fc.assert(
    fc.property(fc.string({ maxLength: 25 }), fc.array(any, { maxLength: 12 }), (text, formats) => {
      expect(words(piecesOf(text, formats))).toBe(text);
    }),
  );
});

const conversation = { id: "c" } as VisitorConversation;
let numbers = 0;

function message(kind: "you" | "agent" | "bot", text: string, keyboard?: Keyboard): VisitorMessage {
  numbers += 1;
  const author = kind === "you" ? { kind } : { kind, name: "Robo" };
  const rich = keyboard ? { rich: { keyboard } } : {};
  return { id: `${numbers}`, conversation_id: "c", number: numbers, author, at: 0, text, ...rich };
}

const offer = (words: string, once = false) => message("bot", "?", { kind: "choices", rows: [words.split(" ")], once });
const offered = (...messages: VisitorMessage[]) => choicesOf(messages, [], conversation)?.rows.flat().join(" ");

test("the newest choices count, until they are taken away or a person answers", () => {
  expect(offered(message("you", "hello"))).toBeUndefined();
  expect(offered(offer("red blue"), offer("small large"))).toBe("small large");
  expect(offered(offer("red blue"), message("you", "red"), message("bot", "Good."))).toBe("red blue");
  expect(offered(offer("red blue"), message("bot", "Gone.", { kind: "remove" }))).toBeUndefined();
  expect(offered(offer("red blue"), message("agent", "I take over."))).toBeUndefined();
  expect(offered(message("agent", "Back to Robo."), offer("red blue"))).toBe("red blue");
});

test("choices that are offered once are gone when one of them was written, and only then", () => {
  expect(offered(offer("red blue", true), message("you", "hm"))).toBe("red blue");
  expect(offered(offer("red blue", true), message("you", "blue"))).toBeUndefined();
  expect(offered(message("you", "blue"), offer("red blue", true))).toBe("red blue");
  const pending = { id: "p", at: 0, text: "blue", attachments: [] };
  const once = [offer("red blue", true)];
  expect(choicesOf(once, [pending], conversation)).toBeUndefined();
  // It did not reach the hub: it is offered again.
  expect(choicesOf(once, [{ ...pending, failed: "rate_limited" }], conversation)?.rows).toEqual([["red", "blue"]]);
});

test("a question that is to be answered in words stands until there is an answer", () => {
  const asks = message("bot", "Your name?", { kind: "choices", rows: [], once: true, placeholder: "Your name" });
  const placeholder = (...messages: VisitorMessage[]) => choicesOf(messages, [], conversation)?.placeholder;
  expect(placeholder(message("you", "hello"), asks)).toBe("Your name");
  expect(placeholder(asks, message("bot", "Take your time."))).toBe("Your name");
  expect(placeholder(asks, message("you", "Olga"))).toBeUndefined();
  expect(placeholder(asks, message("you", "Olga"), message("bot", "And where do you live?"))).toBeUndefined();
});

test("choices of a message that is deleted, or of another conversation, are no choices", () => {
  expect(offered({ ...offer("red blue"), deleted_at: 1 })).toBeUndefined();
  expect(offered({ ...offer("red blue"), conversation_id: "other" })).toBeUndefined();
});
