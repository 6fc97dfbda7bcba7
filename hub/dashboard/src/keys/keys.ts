/**
 * Keys of the page. Whoever shows something says which keys work while it is shown; the newest layer is asked first.
 * Plain letters are not taken from somebody who writes; chords with Mod and Escape are. While a dialog is open all keys are
 * its own: Escape closes what lies on top, and the browser gives the focus back.
 */
import { onMac } from "@switchboard/ui/kbd";
import { useLayoutEffect, useRef } from "preact/hooks";
import { letterKeys } from "../preferences";

/** What a key does. False: it was not for this layer, ask the next. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void | false>>;

interface Layer {
  map: KeyMap;
}

const layers: Layer[] = [];

/** "j", "Mod+k", "Shift+Enter", "?". On a Mac Ctrl is the field's own: it goes to the end of the line, or deletes to there. */
export function nameOf(
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">,
  mac = onMac,
): string {
  const letter = event.key.length === 1;
  const parts = [
    (mac ? event.metaKey : event.ctrlKey) ? "Mod" : "",
    (mac ? event.ctrlKey : event.metaKey) ? "Other" : "",
    event.altKey ? "Alt" : "",
    // A sign that needs Shift ("?") is named by itself.
    event.shiftKey && (!letter || event.key.toLowerCase() !== event.key.toUpperCase()) ? "Shift" : "",
    letter ? event.key.toLowerCase() : event.key,
  ];
  return parts.filter(Boolean).join("+");
}

/** Keys that go from one thing to the next: who holds one goes on. No other does anything again while it is held. */
const WALKS: ReadonlySet<string> = new Set(["j", "k", "ArrowDown", "ArrowUp", "Shift+ArrowDown", "Shift+ArrowUp"]);

/** Letters are this one's own. A box that is ticked has none. */
export function writes(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"))
  );
}

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal")) return;
  const name = nameOf(event);
  if (name.length === 1 && letterKeys.value === "off") return;
  if (writes(event.target) && !name.startsWith("Mod+") && name !== "Escape") return;
  for (const { map } of [...layers].reverse()) {
    const act = map[name];
    if (!act) continue;
    // Not the browser's either, which would do something else by it.
    if (event.repeat && !WALKS.has(name)) return event.preventDefault();
    if (act(event) !== false) return event.preventDefault();
  }
}

document.addEventListener("keydown", handleKey);

/** These keys work while the component is shown: from the moment that it can be seen, whatever else keeps the page busy. */
export function useKeys(map: KeyMap): void {
  const layer = useRef<Layer>({ map });
  layer.current.map = map;
  useLayoutEffect(() => {
    const mine = layer.current;
    layers.push(mine);
    return () => void layers.splice(layers.indexOf(mine), 1);
  }, []);
}
