/** The browser's modal dialog: it holds the focus, makes the rest inert, and the focus goes back to where it was. */
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/** Opens the dialog as long as it is drawn, before the next key: it is the dialog's already. */
export function useModal(box: RefObject<HTMLDialogElement>): void {
  useLayoutEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    // Not `close()`: its event would come after the next dialog has opened, and close that one.
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
}
