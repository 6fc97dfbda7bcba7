/**
 * Keys of the page. Whoever shows something says which keys work while it is shown; the newest layer is asked first.
 * Plain letters are not taken from somebody who writes; chords with Mod and Escape are. While a dialog is open all keys are
 * its own: Escape closes what lies on top, and the browser gives the focus back.
 */
import { useLayoutEffect, useRef } from "preact/hooks";
import { letterKeys } from "../preferences";

/** What a key does. False: it was not for this layer, ask the next. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void | false>>;

interface Layer {
  map: KeyMap;
}

const layers: Layer[] = [];

/** "j", "Mod+k", "Shift+Enter", "?" */
export function nameOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">): string {
  const letter = event.key.length === 1;
  const parts = [
    event.ctrlKey || event.metaKey ? "Mod" : "",
    event.altKey ? "Alt" : "",
    // A sign that needs Shift ("?") is named by itself.
    event.shiftKey && (!letter || event.key.toLowerCase() !== event.key.toUpperCase()) ? "Shift" : "",
    letter ? event.key.toLowerCase() : event.key,
  ];
  return parts.filter(Boolean).join("+");
}

/** Letters that go from one thing to the next. */
const WALKS: ReadonlySet<string> = new Set(["j", "k"]);

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog:modal")) return;
  const name = nameOf(event);
  if (name.length === 1 && letterKeys.value === "off") return;
  // A key that is held goes on through a list, and does nothing else again and again.
  if (event.repeat && name.length === 1 && !WALKS.has(name)) return;
  if (writes(event.target) && !name.startsWith("Mod+") && name !== "Escape") return;
  for (const { map } of [...layers].reverse()) {
    const act = map[name];
    if (act && act(event) !== false) return event.preventDefault();
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
