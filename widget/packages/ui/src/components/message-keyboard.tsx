// What a bot has given the customer to press, as the team sees it: the same words in the same rows, and nothing to press.

import type { Keyboard } from "@switchboard/protocol";
import { ExternalLink } from "lucide-preact";
import type { ComponentChildren } from "preact";

import { t } from "../i18n/dashboard";
import { Icon } from "./icon";
import "./message-keyboard.css";

export function MessageKeyboard({ keyboard }: { readonly keyboard: Keyboard }) {
  switch (keyboard.kind) {
    case "inline":
      return (
        <Rows label={t("message.buttons")} kind="buttons" rows={keyboard.rows}>
          {({ text, url }) => (
            <li class="sb-keyboard__key" title={url} dir="auto">
              <span class="sb-keyboard__words">{text}</span>
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
  children(key: Key): ComponentChildren;
}

function Rows<Key>({ label, kind, rows, children: draw }: RowsProps<Key>) {
  return (
    <ul class={`sb-keyboard sb-keyboard--${kind}`} aria-label={label}>
      {rows.map((row, place) => (
        <li key={place}>
          <ul class="sb-keyboard__row">{row.map((key) => draw(key))}</ul>
        </li>
      ))}
    </ul>
  );
}
