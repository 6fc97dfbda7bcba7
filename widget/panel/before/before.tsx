/** What there may be before the first message. The panel's own parts say where each of these stands. */

import { loadAskedWords, t } from "@switchboard/ui/i18n/asked";
import { locale, now } from "@switchboard/ui/ticker";
import { coming } from "@switchboard/ui/time";
import type { ComponentChildren } from "preact";

import type { Chat } from "../chat";
import styles from "./before.css?inline";
import { Form } from "./form";

/** When there is somebody again, on the visitor's clock. */
function Back({ chat, children }: { chat: Chat; children?: ComponentChildren }) {
  const at = chat.hours.value?.changes_at;
  return <>{at ? t("asked.back", { time: coming(at, now.value, locale.value) }) : children}</>;
}

export { loadAskedWords as words, styles };
export const parts = { Back, Form };
