/** What a bot says in answer to a press: in passing, or as something to put away. */

import { useSignal } from "@preact/signals";
import { t } from "@switchboard/ui/i18n/panel";
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Chat } from "../chat";
import type { Host } from "../host";

/** How long it stays to be read: at least, and for each character, ms. */
const STAYS_MS = 6_000;
const READ_MS = 60;

export function Told({ chat, host }: { chat: Chat; host: Host }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heard = chat.told.value;
  // In a window that is shut nobody reads it, and nothing may take the focus.
  const told = host.open.value && heard?.text ? heard : undefined;
  const alert = told?.alert;
  /** Who points at it has not read it yet. */
  const held = useSignal(false);
  const leave = () => {
    chat.told.value = undefined;
  };

  // Before the next picture, so that it is held from the moment that somebody points at it.
  useLayoutEffect(() => {
    if (!told || told.alert || held.value) return;
    const timer = setTimeout(leave, STAYS_MS + READ_MS * told.text.length);
    return () => clearTimeout(timer);
  }, [told, held.value]);

  // Its pointer does not leave what goes from under it.
  useLayoutEffect(() => {
    held.value = false;
  }, [told]);

  useLayoutEffect(() => {
    if (alert) dialog.current?.showModal();
  }, [alert]);

  return (
    <>
      <div class="told" role="status">
        {told && !alert && (
          <p dir="auto" onPointerEnter={() => (held.value = true)} onPointerLeave={() => (held.value = false)}>
            {told.text}
          </p>
        )}
      </div>
      {alert && (
        <dialog
          ref={dialog}
          class="alert"
          aria-labelledby="told"
          onClose={leave}
          onKeyDown={(event) => event.stopPropagation()}
        >
          <p id="told" dir="auto">
            {told.text}
          </p>
          <button type="button" class="key" onClick={() => dialog.current?.close()}>
            {t("action.close")}
          </button>
        </dialog>
      )}
    </>
  );
}
