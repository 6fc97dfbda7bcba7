/** What may be pressed: buttons under a message, answers above the field, and the way to a person. */

import { useSignal } from "@preact/signals";
import type { ErrorCode } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/panel";
import type { ComponentChildren, RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Chat } from "../chat";
import { type Entry, isBot } from "../entries";
import { Out } from "../parts/out";
import { choicesOf } from "./choices";

/**
 * One press at a time: the next is heard when the hub has answered, and neither a key that is held nor the second click of
 * two is one. Nothing is kept for later, when it would surprise; what went wrong is said instead.
 */
function usePress() {
  const waiting = useSignal("");
  const wrong = useSignal("");

  function press(what: string, act: () => Promise<unknown>) {
    if (waiting.value) return;
    waiting.value = what;
    wrong.value = "";
    void act()
      .catch(({ code }: { code: ErrorCode }) => {
        const words = { unavailable: "bots.unsent", conflict: "bots.gone" } as const;
        wrong.value = t(words[code as keyof typeof words] ?? "bots.failed");
      })
      .finally(() => {
        waiting.value = "";
      });
  }

  return {
    key: (what: string, text: string, act: () => Promise<unknown>) => (
      <button
        type="button"
        class="key"
        dir="auto"
        aria-busy={waiting.value === what}
        aria-disabled={waiting.value !== ""}
        onKeyDown={(event) => event.repeat && event.preventDefault()}
        onClick={({ detail }) => detail > 1 || press(what, act)}
      >
        {text}
      </button>
    ),
    wrong: (
      <p class="problem" role="alert">
        {wrong.value}
      </p>
    ),
  };
}

/** Row by row. */
function Keys<K>({
  rows,
  label,
  draw,
  children,
}: {
  rows: K[][];
  label?: string;
  draw: (key: K, row: number, column: number) => ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot scroll, and these are not fields
    <div class="keys" role="group" aria-label={label}>
      {rows.map((keys, row) => (
        <div>{keys.map((key, column) => draw(key, row, column))}</div>
      ))}
      {children}
    </div>
  );
}

export function Buttons({ entry, chat }: { entry: Entry; chat: Chat }) {
  const { key, wrong } = usePress();
  const { message } = entry;
  const keyboard = message?.rich?.keyboard;
  if (!message || entry.deleted || keyboard?.kind !== "inline") return null;
  const { conversation_id, number } = message;
  return (
    <Keys
      rows={keyboard.rows}
      draw={({ text, url }, row, column) =>
        url ? (
          <Out class="key" url={url}>
            {text}
          </Out>
        ) : (
          key(`${row} ${column}`, text, () => chat.command({ do: "press", conversation_id, number, row, column, text }))
        )
      }
    >
      {wrong}
    </Keys>
  );
}

export function Choices({ chat, field }: { chat: Chat; field: RefObject<HTMLTextAreaElement> }) {
  const { key, wrong } = usePress();
  const choices = choicesOf(chat.messages.value, chat.pending.value, chat.conversation.value);
  const words = choices?.placeholder ?? "";
  useLayoutEffect(() => {
    chat.placeholder.value = words;
  }, [chat, words]);
  if (!choices?.rows.length) return null;

  async function choose(text: string) {
    if (chat.connection.value.status !== "live") throw { code: "unavailable" };
    chat.atEnd.value = true;
    chat.send(text, []);
    // What was pressed may be gone with it. With fingers, focus would pull the keyboard over the answer.
    if (choices?.once && matchMedia("(pointer: fine)").matches) field.current?.focus();
  }

  return (
    <Keys rows={choices.rows} label={t("bots.choices")} draw={(text) => key(text, text, () => choose(text))}>
      {wrong}
    </Keys>
  );
}

/** The way past the bot, while it is a bot that answers. */
export function Person({ chat }: { chat: Chat }) {
  const box = useRef<HTMLDivElement>(null);
  const { key, wrong } = usePress();
  const conversation = chat.conversation.value;
  const answer = chat.messages.value.findLast(
    ({ author, conversation_id, deleted_at }) =>
      conversation_id === conversation?.id && !deleted_at && author.kind !== "you" && author.name,
  );
  if (!conversation || conversation.closed || !answer || !isBot(answer.author)) return null;
  const { id: conversation_id, asked_person } = conversation;

  async function ask() {
    await chat.command({ do: "ask_human", conversation_id });
    box.current?.focus();
  }

  return (
    // The button is gone when it has been heard; the focus stays here.
    <div ref={box} class="line person" tabIndex={-1}>
      {asked_person ? t("bots.asked") : key("person", t("bots.person"), ask)}
      {wrong}
    </div>
  );
}
