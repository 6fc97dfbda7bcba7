/** What the site asks before the first message, in the composer's place. The answers go with that message: until then nobody has them. */

import type { About, BeforeField } from "@switchboard/protocol";
import { ATTRIBUTE_CHARS } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/asked";
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";

import type { Chat } from "../chat";

const ANSWERS = "answers";

/** Those that stand in one place on the card, by the browser's name for what fills them in. */
const KNOWN = { name: "name", email: "email", phone: "tel" } as const;
const NAMES = { name: "asked.name", email: "asked.email", phone: "asked.phone" } as const;

function isKnown({ kind }: BeforeField): keyof typeof KNOWN | undefined {
  return kind === "text" || kind === "choice" ? undefined : kind;
}

/** What the page has said already is not asked. */
function isOpen(field: BeforeField, about: About | undefined): boolean {
  const known = isKnown(field);
  return known ? !about?.[known] : !about?.attributes?.[field.label];
}

function answersOf(fields: readonly BeforeField[], form: HTMLFormElement): About {
  const given = new FormData(form);
  const attributes: Record<string, string> = {};
  const about: About = { attributes };
  for (const [place, field] of fields.entries()) {
    const answer = String(given.get(`${place}`) ?? "").trim();
    const known = isKnown(field);
    if (answer && known) about[known] = answer;
    else if (answer) attributes[field.label] = answer;
  }
  return about;
}

export function Form({ chat, children }: { chat: Chat; children?: ComponentChildren }) {
  const asking = useRef(false);
  useMemo(() => {
    const kept = chat.memory.get(ANSWERS);
    if (kept) chat.answers.value = JSON.parse(kept) as About;
  }, [chat]);
  const { before } = chat.settings.value ?? {};
  const fields = (before?.fields ?? []).filter((field) => isOpen(field, chat.about.value));
  const begins =
    chat.phase.value === "ready" && !chat.conversation.value && !chat.pending.value.length && !chat.answers.value;
  // Who is being asked is asked to the end, whoever comes meanwhile.
  asking.current = begins && (asking.current || before?.when === "always" || !chat.teamOnline.value);
  return asking.current && fields.length ? <Asked chat={chat} fields={fields} /> : children;
}

function Asked({ chat, fields }: { chat: Chat; fields: readonly BeforeField[] }) {
  useEffect(() => {
    // What was written stays in sight.
    chat.atEnd.value = true;
  }, [chat]);
  return (
    <form
      class="asked"
      aria-label={t("asked.title")}
      onSubmit={(event) => {
        event.preventDefault();
        const answers = answersOf(fields, event.currentTarget);
        chat.memory.set(ANSWERS, JSON.stringify(answers));
        chat.answers.value = answers;
      }}
    >
      {fields.map((field, place) => (
        <Field key={field.label + field.kind} field={field} name={`${place}`} />
      ))}
      <button type="submit">{t("asked.go")}</button>
    </form>
  );
}

function Field({ field, name }: { field: BeforeField; name: string }) {
  const { kind, required, choices } = field;
  const known = isKnown(field);
  const label = field.label || (known && t(NAMES[known]));
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: what is asked stands in it, whichever kind it is of
    <label>
      <span dir="auto">
        {label}
        {!required && <small> {t("asked.optional")}</small>}
      </span>
      {kind === "choice" ? (
        <select name={name} required={required}>
          <option value="">{t("asked.choose")}</option>
          {choices?.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          name={name}
          required={required}
          dir="auto"
          maxLength={ATTRIBUTE_CHARS}
          {...(known ? { type: KNOWN[known] === "name" ? "text" : KNOWN[known], autocomplete: KNOWN[known] } : {})}
          // One that a mail can be sent to.
          {...(kind === "email" ? { pattern: ".+@.+\\..+" } : {})}
        />
      )}
    </label>
  );
}
