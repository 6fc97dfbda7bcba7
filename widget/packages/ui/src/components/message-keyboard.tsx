// What a bot has given the customer to press, as the team sees it: the same words in the same rows, and nothing to press.

import type { Keyboard } from "@switchboard/protocol";
import { Check, ExternalLink } from "lucide-preact";
import type { ComponentChildren } from "preact";

import { t } from "../i18n/dashboard";
import { Icon } from "./icon";
import { Unseen } from "./unseen";
import "./message-keyboard.css";

/** Where a button stands, as a press says it. */
export function placeOf(row: number, column: number): string {
  return `${row}:${column}`;
}

const NONE: ReadonlySet<string> = new Set();

export interface MessageKeyboardProps {
  readonly keyboard: Keyboard;
  /** Places of those that were pressed. */
  readonly pressed?: ReadonlySet<string> | undefined;
}

export function MessageKeyboard({ keyboard, pressed = NONE }: MessageKeyboardProps) {
  switch (keyboard.kind) {
    case "inline":
      return (
        <Rows label={t("message.buttons")} kind="buttons" rows={keyboard.rows}>
          {({ text, url }, place) => (
            <li class="sb-keyboard__key" data-pressed={pressed.has(place) || undefined} title={url} dir="auto">
              {pressed.has(place) && <Icon of={Check} size={12} />}
              <span class="sb-keyboard__words">{text}</span>
              {pressed.has(place) && <Unseen>({t("message.pressed")})</Unseen>}
              {url !== undefined && <Icon of={ExternalLink} size={12} />}
            </li>
          )}
        </Rows>
      );
    case "choices":
      return (
        <Rows label={t("message.choices")} kind="choices" rows={keyboard.rows}>
          {(text) => (
            <li class="sb-keyboard__key" dir="auto">
              <span class="sb-keyboard__words">{text}</span>
            </li>
          )}
        </Rows>
      );
    // "remove" takes away what a message before had; and a newer hub may know more.
    default:
      return null;
  }
}

interface RowsProps<Key> {
  readonly label: string;
  readonly kind: "buttons" | "choices";
  readonly rows: readonly (readonly Key[])[];
  children(key: Key, place: string): ComponentChildren;
}

function Rows<Key>({ label, kind, rows, children: draw }: RowsProps<Key>) {
  return (
    <ul class={`sb-keyboard sb-keyboard--${kind}`} aria-label={label}>
      {rows.map((keys, row) => (
        <li key={row}>
          <ul class="sb-keyboard__row">{keys.map((key, column) => draw(key, placeOf(row, column)))}</ul>
        </li>
      ))}
    </ul>
  );
}
