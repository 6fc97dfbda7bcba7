/** Where the visitor writes: Enter sends, Shift and Enter makes a new line, files come by button, drop or paste. */

import { TYPING_REPEAT_MS, TYPING_TTL_MS } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/panel";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import type { Chat } from "../chat";
import type { Draft } from "../draft";
import type { Host } from "../host";
import { Bots } from "./bots";
import { Files } from "./files";
import { Icon } from "./icon";

export function Composer({ chat, draft, host }: { chat: Chat; draft: Draft; host: Host }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const typing = useTyping(chat);
  const text = draft.text.value;

  useLayoutEffect(() => {
    if (!field.current) return;
    field.current.style.height = "auto";
    field.current.style.height = `${field.current.scrollHeight}px`;
  }, [text]);

  const wanted = host.wantsFocus.value;
  useEffect(() => {
    // With fingers, focus would pull the keyboard over what there is to read.
    if (wanted && matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [wanted]);

  function send() {
    typing.stop();
    chat.atEnd.value = true;
    draft.send();
    field.current?.focus();
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {draft.uploads.value.length > 0 && <Files of="Uploads" draft={draft} />}
      <p class="problem" role="alert">
        {draft.problem.value}
      </p>
      <Bots of="Choices" chat={chat} field={field} />
      <div class="field">
        <button type="button" class="round" aria-label={t("attachment.add")} onClick={() => picker.current?.click()}>
          <Icon of="clip" />
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={({ currentTarget }) => {
            draft.add(currentTarget.files);
            currentTarget.value = "";
          }}
        />
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          aria-label={t("panel.placeholder")}
          placeholder={chat.placeholder.value || t("panel.placeholder")}
          onInput={({ currentTarget }) => {
            draft.write(currentTarget.value);
            typing.key(currentTarget.value !== "");
          }}
          onBlur={typing.stop}
          onPaste={({ clipboardData }) => clipboardData?.files.length && draft.add(clipboardData.files)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button type="submit" class="round send" aria-label={t("action.send")} disabled={!draft.ready.value}>
          <Icon of="up" />
        </button>
      </div>
    </form>
  );
}

/** Tells that keys are pressed: at the first, then again every while, and when they stop. */
function useTyping(chat: Chat) {
  const state = useRef({ toldAt: 0, quiet: undefined as ReturnType<typeof setTimeout> | undefined }).current;

  function stop() {
    clearTimeout(state.quiet);
    if (state.toldAt) chat.typed(false);
    state.toldAt = 0;
  }

  return {
    stop,
    key(some: boolean) {
      if (!some) return stop();
      const now = Date.now();
      if (now - state.toldAt >= TYPING_REPEAT_MS) {
        state.toldAt = now;
        chat.typed(true);
      }
      clearTimeout(state.quiet);
      state.quiet = setTimeout(stop, TYPING_TTL_MS);
    },
  };
}
