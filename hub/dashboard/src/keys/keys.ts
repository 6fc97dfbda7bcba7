/**
 * Keys of the page. Whoever shows something says which keys work while it is shown; the newest layer is asked first.
 * Plain letters are not taken from somebody who writes; chords with Mod and Escape are.
 */
import { useEffect, useRef } from "preact/hooks";

/** What a key does. False: it was not for this layer, ask the next. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void | false>>;

interface Layer {
  map: KeyMap;
  /** Nothing below it hears a key: a dialog. */
  readonly closed: boolean;
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

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

export function handleKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const name = nameOf(event);
  if (writes(event.target) && !name.startsWith("Mod+") && name !== "Escape") return;
  for (const { map, closed } of [...layers].reverse()) {
    const act = map[name];
    if (act && act(event) !== false) return event.preventDefault();
    if (closed) return;
  }
}

document.addEventListener("keydown", handleKey);

/** These keys work while the component is shown. */
export function useKeys(map: KeyMap, closed = false): void {
  const layer = useRef<Layer>({ map, closed });
  layer.current.map = map;
  useEffect(() => {
    const mine = layer.current;
    layers.push(mine);
    return () => void layers.splice(layers.indexOf(mine), 1);
  }, []);
}
