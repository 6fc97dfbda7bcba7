/**
 * A field for mail addresses: each that is finished (by a comma, a space, Enter, or leaving the field) stands as one piece,
 * which the backspace key takes back into the field. Many may be pasted at once. What is no address stands there as such.
 */
import { useSignal } from "@preact/signals";
import { t } from "@switchboard/ui/i18n/desk";
import { Tag } from "@switchboard/ui/tag";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { addressesIn, isAddress, joined } from "../desk/addresses";
import "./addresses.css";

export interface AddressesProps {
  readonly label: string;
  readonly value: readonly string[];
  readonly onChange: (addresses: readonly string[]) => void;
  /** It was asked for just now. */
  readonly focused?: boolean;
  /** Known ones, of which the browser offers those that fit. */
  readonly known?: readonly string[];
}

/** They end an address while one types. */
const ENDS: ReadonlySet<string> = new Set([",", ";", " ", "Enter"]);

export function Addresses({ label, value, onChange, focused = false, known = [] }: AddressesProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const text = useSignal("");
  const wrong = value.find((one) => !isAddress(one));
  // Before anything is typed: keys that fall beside the field are the desk's.
  useLayoutEffect(() => {
    if (focused) input.current?.focus();
  }, []);

  function finish(more: string): void {
    text.value = "";
    const added = addressesIn(more);
    if (added.length > 0) onChange(joined(value, added));
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const { value: written } = text;
    if (ENDS.has(event.key) && !event.ctrlKey && !event.metaKey) {
      // Enter in an empty field is not for the form around it.
      event.preventDefault();
      if (written.trim() !== "") finish(written);
    } else if (event.key === "Backspace" && written === "" && value.length > 0) {
      event.preventDefault();
      text.value = value[value.length - 1] ?? "";
      onChange(value.slice(0, -1));
    }
  }
  function onPaste(event: ClipboardEvent): void {
    const pasted = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[@,;\n]/u.test(pasted)) return;
    event.preventDefault();
    finish(`${text.value} ${pasted}`);
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: who clicks beside the field means the field; keys reach it anyway.
    <div class="dk-addresses" onClick={(event) => event.target === event.currentTarget && input.current?.focus()}>
      <label class="dk-addresses__label" for={id}>
        {label}
      </label>
      {value.map((one) => (
        <Tag
          key={one}
          tone={isAddress(one) ? "neutral" : "danger"}
          onRemove={() => {
            onChange(value.filter((other) => other !== one));
            input.current?.focus();
          }}
        >
          {one}
        </Tag>
      ))}
      <input
        id={id}
        ref={input}
        class="dk-addresses__input"
        type="text"
        inputMode="email"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        dir="ltr"
        value={text.value}
        aria-invalid={wrong === undefined ? undefined : true}
        aria-describedby={wrong === undefined ? undefined : `${id}-wrong`}
        list={known.length > 0 ? `${id}-known` : undefined}
        onInput={(event) => (text.value = event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
        onBlur={() => text.value.trim() !== "" && finish(text.value)}
      />
      {known.length > 0 && (
        <datalist id={`${id}-known`}>
          {known.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
      {wrong !== undefined && (
        <p class="dk-addresses__wrong" id={`${id}-wrong`} role="alert">
          {t("reply.badAddress", { text: wrong })}
        </p>
      )}
    </div>
  );
}
