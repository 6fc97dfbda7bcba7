// A time in the text: short ("2 min"), with the exact one on hover. It ages by itself.

import { t } from "../i18n/index";
import { ago, clock, exact, held, span } from "../time/index";
import { locale, now } from "../time/ticker";

export interface MomentProps {
  /** Unix milliseconds. */
  readonly at: number;
  /** `ago`: "2 min", "yesterday"; `clock`: "14:05"; `since`: how long it has lasted. */
  readonly as?: "ago" | "clock" | "since";
  readonly class?: string;
}

function shown(at: number, as: NonNullable<MomentProps["as"]>): string {
  if (as === "clock") return clock(at, locale.value);
  if (as === "since") return span(now.value - at, locale.value.language);
  return ago(at, now.value, locale.value, t("time.now"));
}

export function Moment({ at, as = "ago", class: extra }: MomentProps) {
  return (
    <time class={extra} dateTime={new Date(held(at)).toISOString()} title={exact(at, locale.value)}>
      {shown(at, as)}
    </time>
  );
}
