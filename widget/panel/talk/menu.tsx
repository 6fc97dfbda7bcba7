/** What belongs to their case: its number, and whether new messages are heard. */

import { useSignal } from "@preact/signals";
import { t } from "@switchboard/ui/i18n/cases";
import { useEffect, useRef } from "preact/hooks";

import type { Chat } from "../chat";
import type { Host } from "../host";
import { ring, rings } from "./sound";

const SOUND = "sound";

export function Menu({ chat, host }: { chat: Chat; host: Host }) {
  const box = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const open = useSignal(false);
  const sound = useSignal(chat.memory.get(SOUND) === "on");
  useEffect(() => rings(chat, host, sound), [chat, host, sound]);
  const { case_number } = chat.conversation.value ?? {};
  if (!case_number) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what is pressed are the button and the boxes in it
    <div
      ref={box}
      class="menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open.value) return;
        // The window stays.
        event.preventDefault();
        open.value = false;
        opener.current?.focus();
      }}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget && !box.current?.contains(relatedTarget as Node)) open.value = false;
      }}
    >
      <button
        ref={opener}
        type="button"
        class="round"
        aria-label={t("case.more")}
        aria-expanded={open.value}
        onClick={() => (open.value = !open.value)}
      >
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
          <path d="M5 12v.01M12 12v.01M19 12v.01" stroke-width="3" />
        </svg>
      </button>
      {open.value && (
        <div class="menu-sheet">
          <p>{t("case.number", { number: case_number })}</p>
          <label>
            <input
              type="checkbox"
              checked={sound.value}
              onChange={({ currentTarget }) => {
                sound.value = currentTarget.checked;
                chat.memory.set(SOUND, sound.value ? "on" : "off");
                // So they know what it is.
                if (sound.value) ring();
              }}
            />
            {t("case.sound")}
          </label>
        </div>
      )}
    </div>
  );
}
