/** Where keys may put the focus: the reply bar says here how it is reached. */
import { signal } from "@preact/signals";
import type { ComposerMode } from "@switchboard/ui/composer";

export const focusComposer: { current: ((mode: ComposerMode) => void) | null } = { current: null };
/** Whether what had the focus has gone. */
export function focusLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** Once it is drawn: to the row that is open now, if what had the focus has gone. Not to the thread: that came by itself. */
export function focusOpenRow(): void {
  const go = (): void => {
    if (focusLost()) document.querySelector<HTMLElement>(".dk-list .sb-row--selected")?.focus();
  };
  requestAnimationFrame(() => requestAnimationFrame(go));
}

export const composerMode = signal<ComposerMode>("reply");
