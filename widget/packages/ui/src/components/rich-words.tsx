// A text with parts that are set in something: bold, code, quotes, links, words that are covered until they are asked for.
// What comes back is pieces to draw, never HTML: text from outside has no way to become markup.
//
// A part that cannot be (outside the text, through the middle of a character, overlapping another, of a kind that this page
// does not know, a link to what is no address) is left out, and its words stand as they are.

import type { Format, FormatKind } from "@switchboard/protocol";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { classes } from "../classes";
import { t } from "../i18n/dashboard";
import { Linked, OutsideLink } from "./text";
import { Unseen } from "./unseen";
import "./rich-words.css";

/** A part of the text: plain words, or words that are set in something. */
export type Words = string | Part;

export interface Part {
  readonly kind: FormatKind;
  readonly url?: string;
  readonly words: readonly Words[];
}

interface Open {
  readonly end: number;
  readonly words: Words[];
}

/** The text as its parts lie within each other. All of it is there, in its order. */
export function nested(text: string, formats: readonly Format[]): readonly Words[] {
  const whole: Open = { end: text.length, words: [] };
  const open: Open[] = [whole];
  let done = 0;
  /** Plain words up to here, into the innermost part. */
  const plainTo = (end: number): void => {
    if (end > done) last(open).words.push(text.slice(done, end));
    done = end;
  };
  const closeTo = (at: number): void => {
    while (open.length > 1 && last(open).end <= at) {
      plainTo(last(open).end);
      open.pop();
    }
  };
  for (const format of formats.filter((one) => canBe(one, text)).sort(outerFirst)) {
    const end = format.offset + format.length;
    closeTo(format.offset);
    if (end > last(open).end) continue;
    plainTo(format.offset);
    const words: Words[] = [];
    const { kind, url } = format;
    last(open).words.push({ kind, ...(url === undefined ? {} : { url }), words });
    open.push({ end, words });
  }
  closeTo(text.length);
  plainTo(text.length);
  return whole.words;
}

function last(open: readonly Open[]): Open {
  return open[open.length - 1] as Open;
}

/** Those that begin earlier, and of two that begin together the longer one. */
function outerFirst(a: Format, b: Format): number {
  return a.offset - b.offset || b.length - a.length;
}

const KINDS: ReadonlySet<string> = new Set<FormatKind>([
  "bold",
  "italic",
  "underline",
  "strikethrough",
  "spoiler",
  "code",
  "pre",
  "quote",
  "link",
]);

function canBe({ kind, offset, length, url }: Format, text: string): boolean {
  const end = offset + length;
  return (
    KINDS.has(kind) &&
    Number.isInteger(offset) &&
    Number.isInteger(length) &&
    offset >= 0 &&
    length > 0 &&
    end <= text.length &&
    isBetween(text, offset) &&
    isBetween(text, end) &&
    (kind !== "link" || isAddress(url))
  );
}

/** Whether two characters meet there: those beyond the basic plane are two units long. */
function isBetween(text: string, at: number): boolean {
  return at === 0 || !/^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(at - 1, at + 1));
}

const SCHEMES: ReadonlySet<string> = new Set(["https:", "http:", "mailto:", "tel:"]);

function isAddress(url: string | undefined): url is string {
  return url !== undefined && URL.canParse(url) && SCHEMES.has(new URL(url).protocol);
}

/** Without what they are set in. */
function plain(words: readonly Words[]): string {
  return words.map((one) => (typeof one === "string" ? one : plain(one.words))).join("");
}

const BLOCKS: ReadonlySet<FormatKind> = new Set(["pre", "quote"]);

/** What stands in lines of its own: the line break beside it would be an empty line more. */
function isBlock(words: Words | undefined): boolean {
  return typeof words === "object" && BLOCKS.has(words.kind);
}

export function RichWords({
  text,
  formats,
  class: extra,
}: {
  readonly text: string;
  readonly formats: readonly Format[];
  readonly class?: string;
}) {
  return (
    <div class={classes("sb-said", "sb-rich", extra)} dir="auto">
      <Several words={nested(text, formats)} />
    </div>
  );
}

/** `bare`: addresses in it are no links: it is one, or code. */
function Several({ words, bare = false }: { readonly words: readonly Words[]; readonly bare?: boolean }) {
  return words.map((one, place) => {
    if (typeof one !== "string") return <Styled key={place} part={one} bare={bare} />;
    const begun = isBlock(words[place - 1]) ? one.replace(/^\n/, "") : one;
    const shown = isBlock(words[place + 1]) ? begun.replace(/\n$/, "") : begun;
    return bare ? shown : <Linked key={place} text={shown} />;
  });
}

function Styled({ part, bare }: { readonly part: Part; readonly bare: boolean }) {
  const words = <Several words={part.words} bare={bare} />;
  const asItIs = <Several words={part.words} bare />;
  switch (part.kind) {
    case "bold":
      return <strong>{words}</strong>;
    case "italic":
      return <em>{words}</em>;
    case "underline":
      return <u>{words}</u>;
    case "strikethrough":
      return <s>{words}</s>;
    case "code":
      return <code dir="ltr">{asItIs}</code>;
    case "pre":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key.
        <pre dir="ltr" tabIndex={0}>
          {asItIs}
        </pre>
      );
    case "quote":
      return <blockquote>{words}</blockquote>;
    case "spoiler":
      return <Spoiler part={part} bare={bare} />;
    case "link":
      return bare ? words : <OutsideLink href={part.url ?? ""}>{asItIs}</OutsideLink>;
  }
}

/** Covered until it is pressed; what it covers is then where the reader is. */
function Spoiler({ part, bare }: { readonly part: Part; readonly bare: boolean }) {
  const [shown, setShown] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (shown) box.current?.focus();
  }, [shown]);
  if (shown)
    return (
      <span class="sb-spoiler sb-spoiler--open" ref={box} tabIndex={-1}>
        <Several words={part.words} bare={bare} />
      </span>
    );
  return (
    <button type="button" class="sb-spoiler" onClick={() => setShown(true)}>
      <Unseen>{t("words.hidden")}</Unseen>
      <span aria-hidden="true">{plain(part.words)}</span>
    </button>
  );
}
