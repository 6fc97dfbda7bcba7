// A word on a thing: a tag, a filter, a team. With `onRemove` it can be taken off.

import { X } from "lucide-preact";
import type { ComponentChildren } from "preact";

import { classes } from "../classes";
import { t } from "../i18n/index";
import { Icon } from "./icon";
import "./tag.css";

export type Tone = "neutral" | "accent" | "success" | "warning" | "danger" | "note" | "bot" | "customer";

export interface TagProps {
  readonly tone?: Tone;
  readonly small?: boolean;
  readonly onRemove?: (() => void) | undefined;
  readonly children: ComponentChildren;
}

export function Tag({ tone = "neutral", small = false, onRemove, children }: TagProps) {
  return (
    <span class={classes("sb-tag", `sb-tag--${tone}`, small && "sb-tag--small")}>
      <span class="sb-tag__words">{children}</span>
      {onRemove && (
        <button
          type="button"
          class="sb-tag__remove"
          aria-label={typeof children === "string" ? t("attachment.remove", { name: children }) : t("action.remove")}
          onClick={onRemove}
        >
          <Icon of={X} size={12} />
        </button>
      )}
    </span>
  );
}
