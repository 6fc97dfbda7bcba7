/** Where keys may put the focus: the reply bar says here how it is reached. */
import { signal } from "@preact/signals";
import type { ComposerMode } from "@switchboard/ui/composer";
import { useEffect } from "preact/hooks";

export const focusComposer: { current: ((mode: ComposerMode) => void) | null } = { current: null };
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
