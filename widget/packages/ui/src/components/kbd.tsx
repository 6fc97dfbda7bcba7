// A key or a chord, as the reader's keyboard names it: "Mod+K" is ⌘ K on a Mac and Ctrl K elsewhere.

import "./kbd.css";

const MAC: Readonly<Record<string, string>> = {
  Mod: "⌘",
  Alt: "⌥",
  Shift: "⇧",
  Enter: "↵",
  Escape: "esc",
  Backspace: "⌫",
};
const OTHERS: Readonly<Record<string, string>> = { Mod: "Ctrl", Enter: "↵", Escape: "Esc", Backspace: "⌫" };
const BOTH: Readonly<Record<string, string>> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

export const onMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

/** The caps of a chord, in order. */
export function caps(keys: string, mac = onMac): string[] {
  return keys
    .split("+")
    .map((key) => BOTH[key] ?? (mac ? MAC : OTHERS)[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/** The same as `aria-keyshortcuts` wants it. */
export function ariaKeys(keys: string, mac = onMac): string {
  return keys.replace("Mod", mac ? "Meta" : "Control");
}

export function Kbd({ keys }: { readonly keys: string }) {
  return (
    <span class="sb-kbd" aria-hidden="true">
      {caps(keys).map((cap) => (
        <kbd key={cap}>{cap}</kbd>
      ))}
    </span>
  );
}
