// A button that is only an icon. Its name is for screen readers and, with its key, in the tooltip.

import type { LucideIcon } from "lucide-preact";
import type { ButtonHTMLAttributes, Ref } from "preact";

import { classes } from "../classes";
import { Icon } from "./icon";
import { ariaKeys } from "./kbd";
import { Tooltip, type TooltipSide } from "./tooltip";
import "./icon-button.css";

export interface IconButtonProps extends Omit<ButtonHTMLAttributes, "size" | "icon" | "label"> {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly keys?: string;
  readonly size?: "medium" | "small";
  readonly iconSize?: 14 | 16 | 20;
  readonly mirrored?: boolean;
  /** A switch that is on or off. */
  readonly pressed?: boolean;
  readonly tooltip?: TooltipSide | "none";
  readonly buttonRef?: Ref<HTMLButtonElement>;
}

export function IconButton(props: IconButtonProps) {
  const {
    icon,
    label,
    keys,
    size = "medium",
    iconSize = 16,
    mirrored = false,
    pressed,
    tooltip = "top",
    buttonRef,
    class: extra,
    ...rest
  } = props;
  const button = (
    <button
      type="button"
      {...rest}
      {...(buttonRef === undefined ? {} : { ref: buttonRef })}
      class={classes("sb-icon-button", size === "small" && "sb-icon-button--small", extra as string | undefined)}
      aria-label={label}
      aria-keyshortcuts={keys === undefined ? undefined : ariaKeys(keys)}
      aria-pressed={pressed}
    >
      <Icon of={icon} size={iconSize} mirrored={mirrored} />
    </button>
  );
  if (tooltip === "none") return button;
  return (
    <Tooltip text={label} side={tooltip} {...(keys === undefined ? {} : { keys })}>
      {button}
    </Tooltip>
  );
}
