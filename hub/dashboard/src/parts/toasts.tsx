/** What just happened, at the lower edge: with Undo where it can be undone, with the reason where it failed. */
import { signal } from "@preact/signals";
import { Button } from "@switchboard/ui/button";
import { IconButton } from "@switchboard/ui/icon-button";
import { t } from "@switchboard/ui/i18n/desk";
import { X } from "lucide-preact";
import "./toasts.css";

/** How long one stays, milliseconds; twice as long when something can be done about it. */
const STAY_MS = 4_000;
const TOASTS_AT_ONCE = 3;

export interface Toast {
  readonly text: string;
  readonly kind?: "done" | "failed";
  readonly action?: { readonly label: string; readonly keys?: string; run(): void };
}

interface Shown extends Toast {
  readonly id: number;
}

const shown = signal<readonly Shown[]>([]);
let last = 0;

export function toast(next: Toast): void {
  const id = ++last;
  shown.value = [...shown.value, { ...next, id }].slice(-TOASTS_AT_ONCE);
  setTimeout(() => drop(id), next.action || next.kind === "failed" ? STAY_MS * 2 : STAY_MS);
}

function drop(id: number): void {
  shown.value = shown.value.filter((one) => one.id !== id);
}

/** Does what the newest toast offers; false if it offers nothing. */
export function undoLast(): boolean {
  const one = shown.value.findLast((candidate) => candidate.action !== undefined);
  if (!one) return false;
  drop(one.id);
  one.action?.run();
  return true;
}

export function Toasts() {
  return (
    <div class="dk-toasts" role="status" aria-live="polite">
      {shown.value.map(({ id, text, kind = "done", action }) => (
        <div class={`dk-toast dk-toast--${kind}`} key={id}>
          <span>{text}</span>
          {action && (
            <Button size="small" kind="quiet" {...(action.keys === undefined ? {} : { keys: action.keys })} onClick={() => { drop(id); action.run(); }}>
              {action.label}
            </Button>
          )}
          <IconButton icon={X} size="small" label={t("action.dismiss")} tooltip="none" onClick={() => drop(id)} />
        </div>
      ))}
    </div>
  );
}
