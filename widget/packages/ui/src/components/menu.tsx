// A menu under a button. Arrows, Home and End move, letters jump, Enter and Space choose, Escape and Tab leave
// (WAI-ARIA Authoring Practices, "Menu Button").

import { Check, type LucideIcon } from "lucide-preact";
import type { ComponentChild, RefObject, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { classes } from "../classes";
import type { Align, Side } from "../float";
import { Icon } from "./icon";
import { ariaKeys, Kbd } from "./kbd";
import { Popover } from "./popover";
import "./menu.css";

export type MenuEntry =
  | { readonly kind: "line" }
  | { readonly kind: "heading"; readonly text: string }
  | {
      readonly kind?: "item";
      readonly label: string;
      readonly icon?: LucideIcon;
      /** Drawn before the label instead of an icon: a face, a dot. */
      readonly before?: ComponentChild;
      readonly keys?: string;
      readonly danger?: boolean;
      readonly disabled?: boolean;
      /** Given: it is one of a choice, chosen or not. */
      readonly checked?: boolean;
      readonly onChoose: () => void;
    };

type Item = Exclude<MenuEntry, { kind: "line" } | { kind: "heading" }>;

/** What the opener must carry; spread it on a button. */
export interface MenuOpener {
  readonly buttonRef: RefObject<HTMLButtonElement>;
  readonly "aria-haspopup": "menu";
  readonly "aria-expanded": boolean;
  readonly onClick: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

export interface MenuProps {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly opener: (props: MenuOpener) => VNode;
  readonly side?: Side;
  readonly align?: Align;
}

function itemsIn(list: HTMLElement | null): HTMLElement[] {
  return Array.from(list?.querySelectorAll<HTMLElement>('[role^="menuitem"]:not([aria-disabled="true"])') ?? []);
}

/** The item that this key leads to from `at`, if any. */
function target(items: readonly HTMLElement[], at: number, key: string): HTMLElement | undefined {
  if (key === "ArrowDown") return items[(at + 1) % items.length];
  if (key === "ArrowUp") return items[(at - 1 + items.length) % items.length];
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (key.length !== 1 || key === " ") return undefined;
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return after.find((item) => item.textContent?.trim().toLocaleLowerCase().startsWith(key.toLocaleLowerCase()));
}

export function Menu({ label, entries, opener, side = "bottom", align = "start" }: MenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  useEffect(() => {
    if (open) itemsIn(list.current)[0]?.focus();
  }, [open]);

  const choose = (item: Item) => {
    if (item.disabled) return;
    setOpen(false);
    button.current?.focus();
    item.onChoose();
  };
  const move = (event: KeyboardEvent) => {
    if (event.key === "Tab") return setOpen(false);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // A letter is the menu's, also one that leads nowhere: the page below has keys of one letter.
    if (event.key.length === 1) event.stopPropagation();
    const items = itemsIn(list.current);
    const next = target(items, items.indexOf(document.activeElement as HTMLElement), event.key);
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  };
  const openByArrow = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" || open) return;
    event.preventDefault();
    setOpen(true);
  };

  return (
    <>
      {opener({
        buttonRef: button,
        "aria-haspopup": "menu",
        "aria-expanded": open,
        onClick: () => setOpen(!open),
        onKeyDown: openByArrow,
      })}
      {open && (
        <Popover
          anchor={button}
          role="menu"
          label={label}
          side={side}
          align={align}
          onClose={() => setOpen(false)}
          onKeyDown={move}
        >
          <div class="sb-menu" ref={list} role="none">
            {entries.map((entry, i) => (
              <Entry key={i} entry={entry} onChoose={choose} />
            ))}
          </div>
        </Popover>
      )}
    </>
  );
}

/** The entries alone: what the gallery shows standing still. */
export function Entry({ entry, onChoose }: { readonly entry: MenuEntry; readonly onChoose: (item: Item) => void }) {
  if (entry.kind === "line") return <hr class="sb-menu__line" />;
  if (entry.kind === "heading")
    return (
      <div class="sb-menu__heading" role="presentation">
        {entry.text}
      </div>
    );
  const { label, icon, before, keys, danger = false, disabled = false, checked } = entry;
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: aria-checked is set only with the role menuitemradio.
    <button
      type="button"
      tabIndex={-1}
      class={classes("sb-menu__item", danger && "sb-menu__item--danger")}
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      aria-disabled={disabled || undefined}
      aria-keyshortcuts={keys === undefined ? undefined : ariaKeys(keys)}
      onClick={() => onChoose(entry)}
      onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
    >
      {before ?? (icon && <Icon of={icon} />)}
      <span class="sb-menu__label">{label}</span>
      {keys && <Kbd keys={keys} />}
      {checked !== undefined && <span class="sb-menu__check">{checked && <Icon of={Check} />}</span>}
    </button>
  );
}
