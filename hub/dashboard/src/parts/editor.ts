/**
 * Text with formatting, by Squire. This file is loaded when somebody first writes with formatting and not before: it is
 * most of what writing a mail costs. What is pasted is taken down to what a mail may have here; the hub sanitises it again.
 */
import createPurifier from "dompurify";
import Squire from "squire-rte";
import { plainOf } from "./plain";

export type Format = "bold" | "italic" | "bullets" | "numbers" | "quote" | "link";

const TAGS: Readonly<Record<Format, string>> = {
  bold: "B",
  italic: "I",
  bullets: "UL",
  numbers: "OL",
  quote: "BLOCKQUOTE",
  link: "A",
};

/** What may stand in a text; all else is left out, its words stay. */
const ALLOWED = [
  "a",
  "b",
  "strong",
  "i",
  "em",
  "u",
  "s",
  "ul",
  "ol",
  "li",
  "blockquote",
  "p",
  "div",
  "br",
  "code",
  "pre",
];
/** A text of nothing but lines needs no formatting to be shown. */
const FORMATTED = /<(?!\/?(?:div|br)\b)[a-z]/iu;

/** One that stands for itself; more of them are meant as room. */
const LONE_NBSP = /(?<!\s|&nbsp;|\u00a0)(?:&nbsp;|\u00a0)(?!\s|&nbsp;|\u00a0)/gu;

export interface Written {
  readonly text: string;
  /** Absent: there is no formatting in it. */
  readonly html?: string;
}

export interface Editor {
  focus(): void;
  /** Takes the place of what stands there. */
  set(written: Written): void;
  /** Puts it on what is marked, or takes it off. */
  toggle(format: Exclude<Format, "link">): void;
  /** What stands before the caret in its piece of text; nothing where something is marked. */
  before(): string;
  /** Takes the place of so many characters before the caret. */
  insert(written: Written, over: number): void;
  link(address: string): void;
  unlink(): void;
  destroy(): void;
}

export interface EditorEvents {
  onInput(written: Written): void;
  /** What stands at the caret has these. */
  onFormats(formats: ReadonlySet<Format>): void;
}

export function makeEditor(root: HTMLElement, written: Written, events: EditorEvents): Editor {
  const squire = new Squire(root, {
    sanitizeToDOMFragment: (html: string) => purify(html),
    didError: (error: unknown) => reportError(error),
  });
  // The palette and the desk have these; what they would do here is in nobody's mails.
  for (const key of ["Ctrl-d", "Meta-d", "Ctrl-Shift-5", "Ctrl-Shift-6"]) squire.setKeyHandler(key, null);
  const formats = () =>
    events.onFormats(new Set((Object.keys(TAGS) as Format[]).filter((one) => squire.hasFormat(TAGS[one]))));
  squire.addEventListener("input", () => {
    events.onInput(read(squire, root));
    formats();
  });
  squire.addEventListener("pathChange", formats);
  squire.addEventListener("select", formats);

  function set({ text, html }: Written): void {
    squire.setHTML(html ?? linesOf(text));
    squire.moveCursorToEnd();
  }
  set(written);

  return {
    focus: () => void squire.focus(),
    set,
    toggle(format) {
      toggle(squire, format, squire.hasFormat(TAGS[format]));
      squire.focus();
      formats();
    },
    before() {
      const { collapsed, startContainer, startOffset } = squire.getSelection();
      return collapsed && startContainer instanceof Text
        ? startContainer.data.slice(0, startOffset).replace(/\u200b/gu, "")
        : "";
    },
    insert({ text, html }, over) {
      squire.focus();
      const range = squire.getSelection();
      const { startContainer, startOffset } = range;
      if (over > 0 && startContainer instanceof Text) range.setStart(startContainer, Math.max(0, startOffset - over));
      squire.setSelection(range);
      if (html === undefined) squire.insertPlainText(text, false);
      else squire.insertHTML(html);
    },
    link: (address) => void squire.makeLink(address).focus(),
    unlink: () => void squire.removeLink().focus(),
    destroy: () => squire.destroy(),
  };
}

function toggle(squire: Squire, format: Exclude<Format, "link">, on: boolean): void {
  switch (format) {
    case "bold":
      return void (on ? squire.removeBold() : squire.bold());
    case "italic":
      return void (on ? squire.removeItalic() : squire.italic());
    case "bullets":
      return void (on ? squire.removeList() : squire.makeUnorderedList());
    case "numbers":
      return void (on ? squire.removeList() : squire.makeOrderedList());
    case "quote":
      return void (on ? squire.decreaseQuoteLevel() : squire.increaseQuoteLevel());
  }
}

function read(squire: Squire, root: HTMLElement): Written {
  const text = plainOf(root);
  // Squire keeps a space beside a change of formatting from being dropped while one writes; whoever gets it wants a space.
  const html = squire.getHTML().replace(LONE_NBSP, " ");
  return text !== "" && FORMATTED.test(html) ? { text, html } : { text };
}

/** What of it may be shown, and nothing that runs. */
export function purify(html: string): DocumentFragment {
  const clean = createPurifier.sanitize(html, {
    ALLOWED_TAGS: ALLOWED,
    ALLOWED_ATTR: ["href"],
    ALLOWED_URI_REGEXP: /^(?:https?|mailto|tel):/iu,
    RETURN_DOM_FRAGMENT: true,
  });
  return document.importNode(clean, true);
}

function linesOf(text: string): string {
  const escaped = (line: string) => line.replace(/&/gu, "&amp;").replace(/</gu, "&lt;").replace(/>/gu, "&gt;");
  return text
    .split("\n")
    .map((line) => `<div>${escaped(line)}<br></div>`)
    .join("");
}
