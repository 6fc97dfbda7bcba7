/** What the settings pages are made of: a head, a list of things, something to copy, a value asked from the hub. */
import { type Signal, useSignal } from "@preact/signals";
import type { ApiError } from "@switchboard/protocol";
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { t } from "@switchboard/ui/i18n/desk";
import { Skeleton } from "@switchboard/ui/skeleton";
import { toast } from "@switchboard/ui/toast";
import { Copy } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { apiError } from "../../net/errors";
import { errorText } from "../../words";

export function Head({
  title,
  body,
  action,
}: {
  readonly title: string;
  readonly body: string;
  readonly action?: ComponentChildren;
}) {
  return (
    <header class="dk-settings__head">
      <div>
        <h2>{title}</h2>
        <p>{body}</p>
      </div>
      {action}
    </header>
  );
}

export interface ThingProps {
  readonly before?: ComponentChildren;
  readonly title: ComponentChildren;
  readonly line?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** What opens below it. */
  readonly children?: ComponentChildren;
}

export function Thing({ before, title, line, actions, children }: ThingProps) {
  return (
    <li class="dk-thing">
      <div class="dk-thing__row">
        {before}
        <div class="dk-thing__main">
          <strong>{title}</strong>
          {line !== undefined && <span class="dk-muted">{line}</span>}
        </div>
        {actions}
      </div>
      {children && <div class="dk-thing__more">{children}</div>}
    </li>
  );
}

export async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  toast({ text: t("done.copied") });
}

interface CopyableProps {
  readonly text: string;
  readonly label: string;
  readonly onCopied?: (() => void) | undefined;
}

export function Copyable({ text, label, onCopied }: CopyableProps) {
  return (
    <div class="dk-copy">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key. */}
      <pre class="dk-code" dir="ltr" tabIndex={0}>
        {text}
      </pre>
      <Button icon={Copy} onClick={() => void copy(text).then(onCopied)}>
        {label}
      </Button>
    </div>
  );
}

export interface Asked<T> {
  readonly value: Signal<T | null>;
  readonly error: ApiError | null;
  again(): Promise<void>;
}

/** Asks when the page opens, and again when told. */
export function useAsked<T>(ask: () => Promise<T>): Asked<T> {
  const value = useSignal<T | null>(null);
  const error = useSignal<ApiError | null>(null);
  const latest = useRef<Promise<void>>();
  const again = (): Promise<void> => {
    const asked = async (): Promise<void> => {
      const answer = await ask().then(
        (got) => ({ got }),
        (cause: unknown) => ({ cause: apiError(cause) }),
      );
      // What was asked for later knows better, whichever answer comes first.
      if (latest.current !== mine) return latest.current;
      error.value = "cause" in answer ? answer.cause : null;
      if ("got" in answer) value.value = answer.got;
    };
    const mine: Promise<void> = asked();
    latest.current = mine;
    return mine;
  };
  useEffect(() => void again(), []);
  return { value, error: error.value, again };
}

/** What stands there until the answer has come, or if none comes. */
export function Waiting({ asked }: { readonly asked: Asked<unknown> }) {
  if (!asked.error) return <Skeleton as="line" count={3} />;
  return (
    <div role="alert">
      <p>{errorText(asked.error)}</p>
      <Button onClick={() => void asked.again()}>{t("action.retry")}</Button>
    </div>
  );
}

/** Does it and says so; says why not. Whether it was done. */
export async function doing(work: () => Promise<unknown>, said?: string): Promise<boolean> {
  try {
    await work();
    if (said !== undefined) toast({ text: said });
    return true;
  } catch (cause) {
    toast({ text: t("change.failed", { why: errorText(apiError(cause)) }), tone: "danger" });
    return false;
  }
}

/** Several of many. */
export function Checks({
  legend,
  options,
  chosen,
  toggle,
}: {
  readonly legend: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly chosen: readonly string[];
  toggle(id: string): void;
}) {
  return (
    <fieldset class="dk-checks">
      <legend>{legend}</legend>
      {options.map((one) => (
        <Checkbox key={one.id} label={one.label} checked={chosen.includes(one.id)} onChange={() => toggle(one.id)} />
      ))}
    </fieldset>
  );
}

export function toggled(list: readonly string[], id: string): string[] {
  return list.includes(id) ? list.filter((one) => one !== id) : [...list, id];
}

export function text(form: FormData, name: string): string {
  return String(form.get(name) ?? "").trim();
}
