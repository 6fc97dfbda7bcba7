/**
 * A field and a list below it: the command palette, "assign to", "remind me", menus. Type to narrow, arrows to walk, Enter
 * to choose. With `several`, a choice is a switch and the list stays until Enter or Escape.
 */

import { t } from "@switchboard/ui/i18n/desk";
import { Icon } from "@switchboard/ui/icon";
import { Kbd } from "@switchboard/ui/kbd";
import { Check, type LucideIcon } from "lucide-preact";
import { type ComponentChildren, Fragment } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { useModal } from "./modal";
import "./picker.css";

export interface PickerItem {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly icon?: LucideIcon;
  readonly face?: ComponentChildren;
  readonly keys?: string;
  readonly group?: string;
  /** Not shown: it is found by these too. */
  readonly also?: string;
  readonly checked?: boolean;
  /** It is there and cannot be chosen; the hint says why. */
  readonly disabled?: boolean;
}

export interface PickerProps {
  readonly label: string;
  readonly items: readonly PickerItem[];
  readonly several?: boolean;
  readonly placeholder?: string;
  /** The label stands above the field: what is chosen here is not taken back by the next choice. */
  readonly headed?: boolean;
  /** What was typed is being looked for: that there is nothing is not known yet. */
  readonly looking?: boolean;
  choose(id: string): void;
  close(): void;
  /** True: this choice leads on to something of the caller's own, which takes the picker's place. */
  stays?(id: string): boolean;
  /** Hears what is typed: for what has to be asked for. */
  typed?(text: string): void;
  /** Below the list: how it is chosen. */
  readonly foot?: ComponentChildren;
  /** What there is only once something was typed: a new tag, what a search is for. */
  readonly make?: (text: string) => readonly PickerItem[];
}

/** What was typed for a picker that was still on its way: it stands in its field, and Enter chooses. */
export const typedAhead = {
  text: "",
  enter: false,
  take(): { readonly text: string; readonly enter: boolean } {
    const { text, enter } = this;
    this.forget();
    return { text, enter };
  },
  forget(): void {
    this.text = "";
    this.enter = false;
  },
};

export function Picker({ label, items, several = false, placeholder, make, ...props }: PickerProps) {
  const { choose, close, stays, typed, headed = false, looking = false, foot } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [ahead] = useState(() => typedAhead.take());
  const [words, setWords] = useState(ahead.text);
  const [at, setAt] = useState(0);
  const list = useId();
  const found = useMemo(() => {
    const hits = narrowed(items, words);
    const made = words.trim() === "" ? [] : (make?.(words.trim()) ?? []);
    return [...hits, ...made];
  }, [items, words, make]);
  const active = Math.min(at, found.length - 1);
  useModal(dialog);

  useEffect(
    () => dialog.current?.querySelector(`[data-at="${active}"]`)?.scrollIntoView({ block: "nearest" }),
    [active],
  );

  const pick = (item: PickerItem | undefined) => {
    if (!item || item.disabled || stays?.(item.id)) return;
    if (!several) close();
    choose(item.id);
  };
  useEffect(() => {
    if (words !== "") typed?.(words);
    if (ahead.enter) pick(found[0]);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || (event.ctrlKey && event.key === "n"))
      setAt((active + 1) % Math.max(1, found.length));
    else if (event.key === "ArrowUp" || (event.ctrlKey && event.key === "p"))
      setAt((active - 1 + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") pick(found[active]);
    else return;
    event.preventDefault();
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the press is one on the backdrop; Escape does the same by itself.
    <dialog
      class="dk-picker"
      ref={dialog}
      aria-label={label}
      onClose={close}
      onClick={(event) => event.target === dialog.current && close()}
    >
      {headed && <h2 class="dk-picker__title">{label}</h2>}
      <input
        class="dk-picker__field"
        type="text"
        role="combobox"
        autofocus
        aria-label={label}
        aria-expanded="true"
        aria-controls={list}
        autocomplete="off"
        spellcheck={false}
        aria-activedescendant={found.length > 0 ? `${list}-${active}` : undefined}
        placeholder={placeholder ?? label}
        value={words}
        onInput={(event) => {
          setWords(event.currentTarget.value);
          typed?.(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        class="dk-picker__list"
        role="listbox"
        id={list}
        aria-label={label}
        aria-multiselectable={several || undefined}
      >
        {found.map((item, place) => (
          <Fragment key={item.id}>
            {item.group !== undefined && item.group !== found[place - 1]?.group && (
              <div class="dk-picker__group" role="presentation">
                {item.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the field, which names the active option. */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: focus stays in the field (combobox with aria-activedescendant). */}
            <div
              class="dk-picker__item"
              role="option"
              id={`${list}-${place}`}
              data-at={place}
              aria-selected={item.checked ?? (!several && place === active)}
              aria-disabled={item.disabled || undefined}
              data-active={place === active || undefined}
              onPointerMove={() => setAt(place)}
              onClick={() => pick(item)}
            >
              {item.face ?? (item.icon && <Icon of={item.icon} />)}
              <span class="dk-picker__label">{item.label}</span>
              {item.hint !== undefined && <span class="dk-picker__hint">{item.hint}</span>}
              {item.checked && <Icon of={Check} />}
              {item.keys !== undefined && <Kbd keys={item.keys} />}
            </div>
          </Fragment>
        ))}
      </div>
      {found.length === 0 && words.trim() !== "" && !looking && (
        <p class="dk-picker__none" role="status">
          {t("picker.none", { words })}
        </p>
      )}
      {foot !== undefined && <div class="dk-picker__foot">{foot}</div>}
    </dialog>
  );
}

/** Every word must be in it; what begins with the words stands first. */
export function narrowed(items: readonly PickerItem[], words: string): readonly PickerItem[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return items;
  const text = (item: PickerItem) => `${item.label} ${item.hint ?? ""} ${item.also ?? ""}`.toLocaleLowerCase();
  const hits = items.filter((item) => wanted.every((word) => text(item).includes(word)));
  const first = wanted[0] as string;
  return hits.sort((a, b) => Number(!text(a).startsWith(first)) - Number(!text(b).startsWith(first)));
}
