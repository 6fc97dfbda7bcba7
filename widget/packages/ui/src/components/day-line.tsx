// The line above the first message of a day, and the one above the first message not yet read.

import { t } from "../i18n/dashboard";
import { dayLine } from "../time/index";
import { locale, now } from "../time/ticker";
import "./day-line.css";

export function DayLine({ at }: { readonly at: number }) {
  return (
    <div class="sb-day">
      <span>{dayLine(at, now.value, locale.value)}</span>
    </div>
  );
}

export function UnreadLine() {
  return (
    <div class="sb-day sb-day--unread">
      <span>{t("message.unreadFrom")}</span>
    </div>
  );
}
