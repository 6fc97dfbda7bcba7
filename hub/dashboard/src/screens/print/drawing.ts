/** What of the sheet is still being drawn: frames of mails and pictures come after the words. */
import { type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** So many are still to come. */
export const Drawing = createContext<Signal<number>>(signal(0));

/** What does not come is not waited for longer than this, milliseconds. */
const LATEST_MS = 10_000;

/** Says that one more is to come; what comes back says that it has. */
export function useDrawing(): () => void {
  const open = useContext(Drawing);
  const waits = useRef(false);
  const done = (): void => {
    if (!waits.current) return;
    waits.current = false;
    open.value -= 1;
  };
  useLayoutEffect(() => {
    waits.current = true;
    open.value += 1;
    return done;
  }, []);
  useEffect(() => {
    const timer = setTimeout(done, LATEST_MS);
    return () => clearTimeout(timer);
  }, []);
  return done;
}
