// A question that must be answered first. The browser's own modal dialog: it holds focus, makes the rest inert and
// gives focus back where it was.

import { X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { t } from "../i18n/index";
import { IconButton } from "./icon-button";
import "./dialog.css";

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** Buttons, the primary one last. */
  readonly actions?: ComponentChildren;
  readonly size?: "small" | "medium";
}

/** Draw it only while it is open. */
export function Dialog({ title, onClose, children, actions, size = "small" }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  // Before the next key: it is the dialog's already.
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);

  return (
    <dialog
      class={`sb-dialog sb-dialog--${size}`}
      aria-labelledby={titleId}
      ref={box}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // As long as it is drawn it stands: Chromium closes at the second Escape, whatever was said to the first.
      onClose={() => box.current?.isConnected && box.current.showModal()}
      // A press on the dialog element itself is one on its backdrop: the content covers the rest.
      onPointerDown={(event) => event.target === box.current && onClose()}
    >
      <div class="sb-dialog__content">
        <header class="sb-dialog__head">
          <h2 id={titleId}>{title}</h2>
          <IconButton icon={X} label={t("action.close")} keys="Escape" tooltip="none" onClick={onClose} />
        </header>
        <div class="sb-dialog__body">{children}</div>
        {actions && <footer class="sb-dialog__foot">{actions}</footer>}
      </div>
    </dialog>
  );
}
