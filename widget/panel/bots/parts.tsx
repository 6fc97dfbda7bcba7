/** What only bots need. The panel's `parts/bots.tsx` says when it comes, and its own parts where each of these stands. */

import { t } from "@switchboard/ui/i18n/panel";
import type { ComponentChildren } from "preact";

import styles from "./bots.css?inline";
import { Formatted } from "./formatted";
import { Buttons, Choices, Person } from "./keyboard";
import { Told } from "./told";

/** In the place of a face. */
function Robot(_: { children?: ComponentChildren }) {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
      <path d="M12 4v4M7 8h10a3 3 0 0 1 3 3v5a3 3 0 0 1-3 3H7a3 3 0 0 1-3-3v-5a3 3 0 0 1 3-3ZM9 13v1M15 13v1" />
    </svg>
  );
}

/** Behind its name. */
function Tag(_: object) {
  return <span class="bot">{t("author.bot")}</span>;
}

export { styles };
export const parts = { Buttons, Choices, Formatted, Person, Robot, Tag, Told };
