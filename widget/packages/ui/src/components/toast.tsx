// What just happened, with a way back. Toasts stand at the bottom, live eight seconds, and wait while they are pointed at
// or hold focus. A page draws <Toasts /> once and calls `toast(...)` from anywhere.

import { signal } from "@preact/signals";
import { X } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";
import { classes } from "../classes";
import { t } from "../i18n/index";
import { Button } from "./button";
import { IconButton } from "./icon-button";
import "./toast.css";

/** How long a toast stays unless it is held, milliseconds. */
const LIFE_MS = 8_000;
/** More at once hide the work; the oldest goes. */
const MOST = 3;

export interface ToastOptions {
  readonly text: string;
  readonly tone?: "neutral" | "danger";
  readonly onUndo?: () => void;
  /** How long it stays, milliseconds. */
  readonly lifeMs?: number;
}

interface Shown extends ToastOptions {
  readonly key: number;
}

const shown = signal<readonly Shown[]>([]);
let last = 0;

/** Shows a toast; what comes back takes it away. */
export function toast(options: ToastOptions): () => void {
  last += 1;
  const key = last;
  shown.value = [...shown.value, { ...options, key }].slice(-MOST);
  return () => drop(key);
}

function drop(key: number): void {
  shown.value = shown.value.filter((one) => one.key !== key);
}

export function Toast({
  text,
  tone = "neutral",
  onUndo,
  lifeMs = LIFE_MS,
  onClose,
}: ToastOptions & { readonly onClose: () => void }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(onClose, lifeMs);
    return () => clearTimeout(timer);
  }, [held]);
  const undo = () => {
    onUndo?.();
    onClose();
  };
  return (
    <div
      class={classes("sb-toast", tone === "danger" && "sb-toast--danger")}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocusIn={() => setHeld(true)}
      onFocusOut={() => setHeld(false)}
    >
      <span class="sb-toast__words">{text}</span>
      {onUndo && (
        <Button kind="quiet" size="small" onClick={undo}>
          {t("action.undo")}
        </Button>
      )}
      <IconButton icon={X} size="small" iconSize={14} label={t("action.dismiss")} onClick={onClose} />
    </div>
  );
}

export function Toasts() {
  return (
    <div class="sb-toasts" role="status" aria-live="polite">
      {shown.value.map(({ key, ...one }) => (
        <Toast key={key} {...one} onClose={() => drop(key)} />
      ))}
    </div>
  );
}
