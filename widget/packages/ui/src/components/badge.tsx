// A count, or just a dot, on something that wants looking at.

import { classes } from "../classes";
import { number } from "../i18n/index";
import { Unseen } from "./unseen";
import "./badge.css";

/** More than this is "99+". */
const MOST = 99;

export interface BadgeProps {
  /** Absent: a dot. */
  readonly count?: number;
  readonly tone?: "accent" | "danger" | "quiet";
  /** What is counted, for screen readers: "3 unread". */
  readonly label: string;
}

export function Badge({ count, tone = "accent", label }: BadgeProps) {
  if (count === 0) return null;
  return (
    <span class={classes("sb-badge", `sb-badge--${tone}`, count === undefined && "sb-badge--dot")}>
      {count !== undefined && <span aria-hidden="true">{count > MOST ? `${number(MOST)}+` : number(count)}</span>}
      <Unseen>{label}</Unseen>
    </span>
  );
}
