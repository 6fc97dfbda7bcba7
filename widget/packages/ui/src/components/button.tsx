// A button with words. One `primary` in a view; `note` is the primary of a note.
//
// Not here: buttons that are only an icon (icon-button.tsx), and links.

import type { LucideIcon } from "lucide-preact";
import type { ButtonHTMLAttributes, ComponentChildren, Ref } from "preact";

import { classes } from "../classes";
import { Icon } from "./icon";
import { Kbd } from "./kbd";
import "./button.css";

export type ButtonKind = "primary" | "plain" | "quiet" | "danger" | "note";

export interface ButtonProps extends Omit<ButtonHTMLAttributes, "size" | "icon"> {
  readonly kind?: ButtonKind;
  readonly size?: "medium" | "small";
  readonly icon?: LucideIcon;
  readonly iconMirrored?: boolean;
  /** The key that does the same, shown at its end: "Mod+Enter". */
  readonly keys?: string;
  /** What was asked for is under way: it takes no second press, and keeps focus and width. */
  readonly busy?: boolean;
  readonly buttonRef?: Ref<HTMLButtonElement>;
  readonly children?: ComponentChildren;
}

export function Button(props: ButtonProps) {
  const {
    kind = "plain",
    size = "medium",
    icon,
    iconMirrored = false,
    keys,
    busy = false,
    buttonRef,
    children,
    class: extra,
    onClick,
    ...rest
  } = props;
  return (
    <button
      type="button"
      {...rest}
      {...(buttonRef === undefined ? {} : { ref: buttonRef })}
      class={classes(
        "sb-button",
        `sb-button--${kind}`,
        size === "small" && "sb-button--small",
        extra as string | undefined,
      )}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {icon && <Icon of={icon} mirrored={iconMirrored} />}
      <span class="sb-button__words">{children}</span>
      {keys && <Kbd keys={keys} />}
    </button>
  );
}
