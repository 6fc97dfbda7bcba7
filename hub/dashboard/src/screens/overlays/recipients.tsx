/**
 * To whom a new message goes: customers found by name or address, or somebody new by their address. Type, walk the list with
 * the arrows, choose with Enter; the backspace key in the empty field takes the last one out. What is left typed stands
 * there as well, and is marked like all that cannot be written to from the chosen inbox.
 */
import { useSignal } from "@preact/signals";
import type { Contact, ConversationRow, Inbox } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/more";
import { Tag } from "@switchboard/ui/tag";
import { useEffect, useId, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { hasWords } from "../../desk/search";
import {
  cannotReach,
  keyOf,
  knownOf,
  type Missed,
  type Recipient,
  recipientIn,
  recipientsIn,
  takesAnyAddress,
  whyNotTo,
  withRecipients,
} from "../../desk/starting";
import { contactName } from "../../words";

export interface RecipientsProps {
  readonly value: readonly Recipient[];
  /** From where it goes: what addresses look like there. */
  readonly inbox: Inbox;
  readonly onChange: (recipients: readonly Recipient[]) => void;
}

/** Where this channel reaches them, or how else they are known. */
function addressOf({ identities, email, phone }: Contact, { channel }: Inbox): string | undefined {
  const there = identities.find((one) => one.channel === channel)?.address;
  return there ?? (channel === "email" ? (email ?? phone) : (phone ?? email)) ?? undefined;
}

/** The hub is asked when nothing was typed for so long, milliseconds. */
const ASK_AFTER_MS = 200;
/** Customers that are offered. */
const OFFERED = 6;

interface Option {
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  readonly recipient: Recipient;
}

/** Why somebody cannot be written to, and what to do. */
export function wrongText({ recipient, why }: Missed): string {
  if (why === "not_an_address") return t("start.badAddress", { text: recipient.shown });
  return t(`start.why.${why}`, { who: recipient.shown });
}

export function Recipients({ value, inbox, onChange }: RecipientsProps) {
  const desk = useDesk();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const text = useSignal("");
  const at = useSignal(0);
  const found = useSignal<readonly Option[]>([]);
  const any = takesAnyAddress(inbox);
  const typed = recipientIn(text.value);
  const isGood = typed !== null && whyNotTo(typed, inbox) === null;
  const written = isGood && { key: "new", label: t("start.writeTo", { who: typed.shown }), hint: "", recipient: typed };
  const wrong = cannotReach(value, inbox);
  // First what was typed as a whole: what Enter takes does not depend on when the hub has answered. Where anything is an
  // address a name is one too, and rather means whom it finds.
  const options: readonly Option[] = any
    ? [...found.value, ...(written ? [written] : [])]
    : [...(written ? [written] : []), ...found.value];
  const active = Math.min(at.value, options.length - 1);

  useEffect(() => {
    const words = text.value.trim();
    if (words.length < 2 || !hasWords(words)) {
      found.value = [];
      return;
    }
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const hits = await desk.starting.find(words, stop.signal);
        const offered = hits.slice(0, OFFERED);
        found.value = offered.map(({ id: contact_id, hit }) => optionOf(contact_id, hit.conversation));
        // Two may have one name: their addresses tell them apart.
        const contacts = await Promise.all(
          offered.map(({ id: one }) => desk.api("GET /api/contacts/{id}", { id: one, signal: stop.signal })),
        );
        found.value = found.value.map((option) => {
          const contact = contacts.find((one) => one.id === option.key);
          if (!contact) return option;
          const recipient = { ...option.recipient, known: knownOf(contact) };
          return { ...option, recipient, hint: addressOf(contact, inbox) ?? option.hint };
        });
      } catch {
        // Called off, or offline: an address can still be typed.
      }
    };
    const wait = setTimeout(() => void ask(), ASK_AFTER_MS);
    return () => {
      clearTimeout(wait);
      stop.abort();
    };
  }, [text.value]);

  function add(recipients: readonly Recipient[]): void {
    text.value = "";
    at.value = 0;
    found.value = [];
    onChange(withRecipients(value, recipients));
  }
  function choose(recipients: readonly Recipient[]): void {
    add(recipients);
    input.current?.focus();
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const { length } = options;
    const option = options[active];
    if (event.key === "ArrowDown" && length > 0) at.value = (active + 1) % length;
    else if (event.key === "ArrowUp" && length > 0) at.value = (active - 1 + length) % length;
    else if (event.key === "Enter") {
      if (option) choose([option.recipient]);
    } else if ((event.key === "," || event.key === ";") && isGood) choose([typed]);
    else if (event.key === "Backspace" && text.value === "" && value.length > 0) takeBack();
    else return;
    event.preventDefault();
  }
  /** Who is marked goes back into the field, to be corrected. */
  function takeBack(): void {
    const last = value[value.length - 1];
    if (last?.to.kind === "address" && whyNotTo(last, inbox) !== null) text.value = last.shown;
    onChange(value.slice(0, -1));
  }
  function onPaste(event: ClipboardEvent): void {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    const all = recipientsIn(`${text.value}${pasted}`);
    if (all.length < 2) return;
    event.preventDefault();
    choose(all);
  }
  return (
    <div class="dk-start__to">
      <label class="sb-field__label" for={id}>
        {t("start.to")}
      </label>
      <div class="dk-start__field">
        {value.map((one) => (
          <Tag
            key={keyOf(one)}
            tone={whyNotTo(one, inbox) === null ? "neutral" : "danger"}
            onRemove={() => onChange(value.filter((other) => other !== one))}
          >
            {one.shown}
          </Tag>
        ))}
        <input
          id={id}
          ref={input}
          // The dialog that opens would else put the focus on its first button.
          autofocus
          class="dk-addresses__input"
          type="text"
          role="combobox"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          dir="auto"
          placeholder={value.length === 0 ? t("start.find") : ""}
          aria-expanded={options.length > 0}
          aria-controls={`${id}-found`}
          aria-activedescendant={options.length > 0 ? `${id}-${active}` : undefined}
          aria-describedby={wrong ? `${id}-wrong ${id}-help` : `${id}-help`}
          aria-invalid={wrong ? true : undefined}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onBlur={() => typed && add(recipientsIn(text.value))}
        />
      </div>
      <div
        class="dk-start__found"
        id={`${id}-found`}
        role="listbox"
        aria-label={t("start.to")}
        hidden={options.length === 0}
      >
        {options.map((option, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the field has the focus and the keys.
          <div
            key={option.key}
            id={`${id}-${place}`}
            class="dk-start__option"
            role="option"
            aria-selected={place === active}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose([option.recipient])}
          >
            <bdi>{option.label}</bdi>
            <bdi class="dk-muted">{option.hint}</bdi>
          </div>
        ))}
      </div>
      {wrong && (
        <p class="dk-addresses__wrong" id={`${id}-wrong`} role="alert">
          {wrongText(wrong)}
        </p>
      )}
      <p class="sb-field__below" id={`${id}-help`}>
        {t(inbox.channel === "email" ? "start.help" : any ? "start.helpAny" : "start.helpNumber")}
      </p>
    </div>
  );

  function optionOf(contact_id: string, row: ConversationRow): Option {
    const shown = contactName(row);
    const inbox = desk.house.value.inboxes.get(row.inbox_id)?.name ?? "";
    return { key: contact_id, label: shown, hint: inbox, recipient: { to: { kind: "contact", contact_id }, shown } };
  }
}
