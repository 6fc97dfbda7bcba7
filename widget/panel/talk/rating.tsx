/** How they found it: asked once, when their conversation is closed. The score goes at once, words may follow. */

import { useSignal } from "@preact/signals";
import { RATING_CHARS } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/cases";

import type { Chat } from "../chat";
import { Icon } from "../parts/icon";

const SCORES = ["rate.terrible", "rate.bad", "rate.okay", "rate.good", "rate.great"] as const;
/** For which conversation it was put away. */
const PUT_AWAY = "unrated";

export function Rating({ chat }: { chat: Chat }) {
  const conversation = chat.conversation.value;
  if (!conversation?.closed || !chat.settings.value?.ask_rating) return null;
  const { id, rating } = conversation;
  // Who was never answered has nothing to say of an answer.
  const answered = chat.messages.value.some(
    ({ author, conversation_id }) => author.kind !== "you" && conversation_id === id,
  );
  return answered && <Ask key={id} chat={chat} id={id} rating={rating} />;
}

function Ask({ chat, id, rating }: { chat: Chat; id: string; rating: number | undefined }) {
  // What was said before it came to be closed again, or on another page, is said.
  const asked = useSignal(!rating && chat.memory.get(PUT_AWAY) !== id);
  const given = useSignal(0);
  const words = useSignal("");
  const said = useSignal<"rate.failed" | "rate.thanks" | undefined>(undefined);
  if (!asked.value) return null;

  async function rate(score: number, words?: string) {
    const before = given.value;
    given.value = score;
    said.value = undefined;
    try {
      await chat.command({ do: "rate", conversation_id: id, score, ...(words ? { words } : {}) });
      if (words) said.value = "rate.thanks";
    } catch {
      given.value = before;
      said.value = "rate.failed";
    }
  }

  return (
    <form
      class="rate"
      aria-label={t("rate.ask")}
      onSubmit={(event) => {
        event.preventDefault();
        void rate(given.value, words.value.trim());
      }}
    >
      <p>{t("rate.ask")}</p>
      <button
        type="button"
        class="round small"
        aria-label={t("rate.no")}
        onClick={() => {
          chat.memory.set(PUT_AWAY, id);
          asked.value = false;
        }}
      >
        <Icon of="close" size={16} />
      </button>
      <div class="scores">
        {SCORES.map((name, place) => (
          <button
            key={name}
            type="button"
            aria-label={t(name)}
            title={t(name)}
            aria-pressed={given.value === place + 1}
            disabled={said.value === "rate.thanks"}
            onClick={() => void rate(place + 1)}
          >
            <svg viewBox="0 0 24 24" width="32" height="32" aria-hidden="true">
              <path
                d={`M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM9 9.5v.6M15 9.5v.6M8 ${16 - place / 2}q4 ${place * 2 - 4} 8 0`}
              />
            </svg>
          </button>
        ))}
      </div>
      {given.value > 0 && said.value !== "rate.thanks" && (
        <>
          <textarea
            rows={2}
            dir="auto"
            maxLength={RATING_CHARS}
            aria-label={t("rate.why")}
            placeholder={t("rate.why")}
            value={words.value}
            onInput={({ currentTarget }) => (words.value = currentTarget.value)}
          />
          <button type="submit" class="rate-send" disabled={!words.value.trim()}>
            {t("action.send")}
          </button>
        </>
      )}
      <p role="status">{said.value && t(said.value)}</p>
    </form>
  );
}
