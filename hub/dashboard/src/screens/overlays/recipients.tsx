/**
 * To whom a new message goes: customers found by name or address, or somebody new by their address. Type, walk the list with
 * the arrows, choose with Enter; the backspace key in the empty field takes the last one out.
 */
import { useSignal } from "@preact/signals";
import type { ConversationRow } from "@switchboard/protocol";
import { t } from "@switchboard/ui/i18n/desk";
import { Tag } from "@switchboard/ui/tag";
import { useEffect, useId, useRef } from "preact/hooks";
import { useDesk } from "../../context";
import { hasWords } from "../../desk/search";
import { type Recipient, recipientIn, withRecipients } from "../../desk/starting";
import { contactName } from "../../words";

export interface RecipientsProps {
  readonly value: readonly Recipient[];
  readonly onChange: (recipients: readonly Recipient[]) => void;
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

export function Recipients({ value, onChange }: RecipientsProps) {
  const desk = useDesk();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const text = useSignal("");
  const at = useSignal(0);
  const found = useSignal<readonly Option[]>([]);
  const typed = recipientIn(text.value);
  const options: readonly Option[] = [
    ...found.value,
    ...(typed ? [{ key: "new", label: t("start.writeTo", { who: typed.shown }), hint: "", recipient: typed }] : []),
  ];
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
        found.value = hits.slice(0, OFFERED).map(({ id: contact_id, hit }) => optionOf(contact_id, hit.conversation));
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

  function choose(recipients: readonly Recipient[]): void {
    text.value = "";
    at.value = 0;
    found.value = [];
    onChange(withRecipients(value, recipients));
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
    } else if ((event.key === "," || event.key === ";") && typed) choose([typed]);
    else if (event.key === "Backspace" && text.value === "" && value.length > 0) onChange(value.slice(0, -1));
    else return;
    event.preventDefault();
  }
  function onPaste(event: ClipboardEvent): void {
    const pasted = (event.clipboardData?.getData("text/plain") ?? "").split(/[,;\n]+/u);
    const all = pasted.flatMap((one) => recipientIn(one) ?? []);
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
          <Tag key={one.shown} onRemove={() => onChange(value.filter((other) => other !== one))}>
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
          aria-describedby={`${id}-help`}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onBlur={() => typed && choose([typed])}
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
            <span class="dk-muted">{option.hint}</span>
          </div>
        ))}
      </div>
      <p class="sb-field__below" id={`${id}-help`}>
        {t("start.help")}
      </p>
    </div>
  );

  function optionOf(contact_id: string, row: ConversationRow): Option {
    const shown = contactName(row);
    const inbox = desk.house.value.inboxes.get(row.inbox_id)?.name ?? "";
    return { key: contact_id, label: shown, hint: inbox, recipient: { to: { kind: "contact", contact_id }, shown } };
  }
}
