/**
 * The "/" in the reply bar, and the "@" in its notes: a word that begins with it asks for a list. It stands above the bar
 * while the caret is in that word, and takes arrows, Enter and Escape; everything else is typed. What draws the list is loaded
 * with the first sign.
 */
import { type Signal, useSignal } from "@preact/signals";
import type { ConversationRow } from "@switchboard/protocol";
import { loadMoreWords } from "@switchboard/ui/i18n/more";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { useDesk } from "../../context";
import { slashWord } from "../../desk/templates";
import type { Editor } from "../../parts/editor";
import { LostPart, late } from "../../parts/late";

/** What of the keys the list takes, while it has something to choose from. */
export interface PickerKeys {
  walk(step: 1 | -1): void;
  choose(): void;
}

export interface TemplateKey {
  /** What is typed behind the "/"; null: no template is asked for. */
  readonly words: Signal<string | null>;
  readonly keys: Signal<PickerKeys | null>;
  readonly field: () => HTMLElement | null;
  /** It was asked for by the menu: that there are none is worth saying. */
  readonly asked: Signal<boolean>;
  look(): void;
  /** As if somebody had typed the sign. */
  begin(): void;
  put(written: { readonly text: string; readonly html?: string }): void;
  onKeyDown(event: KeyboardEvent): void;
  onKeyUp(event: KeyboardEvent): void;
}

const CARET_KEYS: ReadonlySet<string> = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]);

/** A sign that begins a word, and what of that word is typed. */
export interface Begins {
  readonly sign: string;
  word(before: string): string | null;
}

const SLASH: Begins = { sign: "/", word: slashWord };

/** The same for any list that a sign asks for. */
export function useTemplateKey(
  area: RefObject<HTMLTextAreaElement>,
  editor: Signal<Editor | null>,
  { sign, word: wordAt }: Begins = SLASH,
): TemplateKey {
  const words = useSignal<string | null>(null);
  const keys = useSignal<PickerKeys | null>(null);
  const asked = useSignal(false);
  /** Left with Escape: the same word does not bring it back. */
  const left = useSignal(false);

  const before = (): string => {
    if (editor.value) return editor.value.before();
    const field = area.current;
    return field && field.selectionStart === field.selectionEnd ? field.value.slice(0, field.selectionStart) : "";
  };
  function look(): void {
    const word = wordAt(before());
    if (word === null) {
      left.value = false;
      asked.value = false;
    }
    words.value = left.value ? null : word;
  }
  /** By the browser's own way, so that its "undo" knows of it. */
  function put(written: { readonly text: string; readonly html?: string }, over: number): void {
    if (editor.value) return editor.value.insert(written, over);
    const field = area.current;
    if (!field) return;
    field.focus();
    const { selectionStart, selectionEnd } = field;
    field.setSelectionRange(selectionStart - over, selectionEnd);
    document.execCommand("insertText", false, written.text);
  }
  return {
    words,
    keys,
    asked,
    look,
    field: () => area.current ?? document.querySelector<HTMLElement>(".dk-reply .dk-rich"),
    begin() {
      asked.value = true;
      left.value = false;
      editor.value?.focus();
      put({ text: /(?:^|\s)$/u.test(before()) ? sign : ` ${sign}` }, 0);
      look();
    },
    put(written) {
      const word = wordAt(before());
      put(written, word === null ? 0 : word.length + 1);
      words.value = null;
    },
    onKeyDown(event) {
      const taken = keys.value;
      if (words.value === null || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") {
        // Nothing stands there that it could close.
        if (!taken && !asked.value) return;
        // The sign that the menu has put there goes with the list.
        if (asked.value && words.value === "") put({ text: "" }, 1);
        left.value = true;
        words.value = null;
      } else if (!taken) return;
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") taken.walk(event.key === "ArrowDown" ? 1 : -1);
      else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") taken.choose();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    onKeyUp(event) {
      if (CARET_KEYS.has(event.key)) look();
    },
  };
}

interface Props {
  readonly slash: TemplateKey;
  readonly row: ConversationRow;
  /** The field takes formatting. */
  readonly html: boolean;
  /** So many files go with one message. */
  readonly files: number;
}

const TemplateList = late<Props>(
  async () => {
    const [{ TemplateList: List }, { loadTemplateWords }] = await Promise.all([
      import("./template-picker"),
      import("@switchboard/ui/i18n/templates"),
    ]);
    await Promise.all([loadTemplateWords(), loadMoreWords()]);
    return List;
  },
  // Who has typed a "/" types on; who has asked for them by the menu is told.
  { lost: ({ slash, again }) => (slash.asked.value ? <LostPart again={again} /> : null) },
);

export function TemplatePicker(props: Props) {
  const { templates } = useDesk();
  const open = props.slash.words.value !== null;
  useEffect(() => {
    if (open) templates.want();
  }, [open]);
  return open ? <TemplateList {...props} /> : null;
}
