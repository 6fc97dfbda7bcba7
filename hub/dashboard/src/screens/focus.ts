/** Where keys may put the focus: the reply bar says here how it is reached. */
import { signal } from "@preact/signals";
import type { ComposerMode } from "@switchboard/ui/composer";
import { useEffect, useLayoutEffect } from "preact/hooks";

interface ReplyField {
  readonly id: string;
  focus(mode: ComposerMode): void;
}

let field: ReplyField | null = null;
let wished: { readonly id: string; readonly mode: ComposerMode } | null = null;

/**
 * Into the reply field of this conversation. Where that is not drawn yet, as soon as it is: who presses "r" on a conversation
 * that still loads writes on, and what they write must not fall among the desk's keys for longer than it has to.
 */
export function focusReply(id: string, mode: ComposerMode): void {
  wished = null;
  if (field?.id === id) field.focus(mode);
  else wished = { id, mode };
}

/** The reply bar's side: this is how its field is reached, from the moment that it is on the page until it goes. */
export function useReplyField(id: string, focus: (mode: ComposerMode) => void): void {
  useLayoutEffect(() => {
    const mine = { id, focus };
    field = mine;
    const mode = wished?.id === id ? wished.mode : null;
    wished = null;
    if (mode !== null && (focusLost() || focusOnRow())) focus(mode);
    return () => {
      if (field === mine) field = null;
    };
  }, [id]);
}

/** Whether what had the focus has gone. */
export function focusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function focusOnRow(): boolean {
  return document.activeElement?.matches(".dk-list .sb-row") ?? false;
}

/**
 * Once it is drawn: to the row that is open now, if what had the focus has gone, or is another row. Not to the thread:
 * that came by itself.
 */
export function focusOpenRow(): void {
  const go = (): void => {
    if (focusLost() || focusOnRow()) document.querySelector<HTMLElement>(".dk-list .sb-row--selected")?.focus();
  };
  requestAnimationFrame(() => requestAnimationFrame(go));
}

/** A focus that stands on a row goes along to the one that opens: two rows that look chosen are one too many. */
export function useFocusGoesAlong(open: string | null): void {
  useEffect(() => {
    if (open !== null && focusOnRow()) focusOpenRow();
  }, [open]);
}

export const composerMode = signal<ComposerMode>("reply");
