/** What the set-up of every channel is made of: secrets that are never shown again, lists of words, ports. */
import { Button } from "@switchboard/ui/button";
import { Checkbox } from "@switchboard/ui/checkbox";
import { TextArea, TextField } from "@switchboard/ui/field";
import { t } from "@switchboard/ui/i18n/channels";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

/** Nothing that a browser or a phone should mend or fill in. */
export const VERBATIM = { dir: "ltr", autocomplete: "off", autocapitalize: "off", spellcheck: false } as const;

export interface Secrets {
  /** Names of those that the hub has. */
  readonly kept: readonly string[];
  readonly typed: Readonly<Record<string, string>>;
  type(name: string, value: string): void;
  /** The hub is to keep it no longer. */
  remove(name: string): void;
  /** It was typed for another server, and does not go to this one unless it is typed again. */
  isForeign(name: string): boolean;
}

export interface KindProps<Settings> {
  readonly of: Settings;
  readonly secrets: Secrets;
  change(next: Settings): void;
}

interface SecretProps {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly secrets: Secrets;
  readonly optional?: boolean;
}

/** A secret can be written and replaced, not read. */
export function SecretField({ name, label, help, secrets, optional = false }: SecretProps) {
  const removed = secrets.typed[name] === "";
  const kept = secrets.kept.includes(name) && !removed;
  return (
    <div class="dk-secret">
      <TextField
        {...VERBATIM}
        type="password"
        autocomplete="new-password"
        label={label}
        help={removed ? t("inbox.secretGoes") : help}
        error={kept && secrets.isForeign(name) ? t("inbox.secretAgain") : undefined}
        placeholder={kept ? t("inbox.secretKept") : ""}
        required={!kept && !optional}
        value={secrets.typed[name] ?? ""}
        onInput={(event) => secrets.type(name, event.currentTarget.value)}
      />
      {kept && optional && (
        <Button size="small" onClick={() => secrets.remove(name)}>
          {t("inbox.secretRemove", { name: label })}
        </Button>
      )}
    </div>
  );
}

interface LinesProps<T> {
  readonly label: string;
  readonly help?: string;
  readonly placeholder?: string;
  readonly value: readonly T[];
  write(one: T): string;
  read(line: string): T;
  change(value: T[]): void;
}

/** Several, one a line. What is typed stands as it was typed, also a line that has only begun. */
export function Lines<T>({ label, help, placeholder, value, write, read, change }: LinesProps<T>) {
  const [text, setText] = useState(() => value.map(write).join("\n"));
  return (
    <TextArea
      {...VERBATIM}
      rows={2}
      label={label}
      help={help}
      placeholder={placeholder}
      value={text}
      onInput={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        change(
          typed
            .split("\n")
            .map((line) => line.trim())
            .filter(Boolean)
            .map(read),
        );
      }}
    />
  );
}

export const asIs = (line: string): string => line;

export function PortField({ value, change }: { readonly value: number; change(port: number): void }) {
  return (
    <TextField
      {...VERBATIM}
      type="number"
      inputMode="numeric"
      label={t("inbox.port")}
      min={1}
      max={65_535}
      required
      value={value === 0 ? "" : value}
      onInput={(event) => change(Math.trunc(event.currentTarget.valueAsNumber) || 0)}
    />
  );
}

/** Fields that belong together. */
export function Group({
  title,
  help,
  children,
}: {
  readonly title: string;
  readonly help?: string;
  readonly children: ComponentChildren;
}) {
  return (
    <fieldset class="dk-group">
      <legend>{title}</legend>
      {help !== undefined && <p class="dk-muted">{help}</p>}
      {children}
    </fieldset>
  );
}

/** Fields that can be done without, and the box that brings them. */
export function Optional({
  label,
  help,
  on,
  turn,
  children,
}: {
  readonly label: string;
  readonly help?: string;
  readonly on: boolean;
  turn(on: boolean): void;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="dk-optional">
      <Checkbox label={label} checked={on} onChange={turn} />
      {help !== undefined && <p class="dk-muted">{help}</p>}
      {on && children}
    </div>
  );
}

/** What hardly anybody needs. */
export function More({ children }: { readonly children: ComponentChildren }) {
  return (
    <details class="dk-more">
      <summary>{t("action.more")}</summary>
      <div class="dk-more__fields">{children}</div>
    </details>
  );
}
