// An outline icon of the one set (lucide), 16 or 20 px. Import the shape from "lucide-preact" and give it here:
//
//     <Icon of={Reply} mirrored />
//
// Without a label it is decoration and screen readers pass over it.

import type { LucideIcon } from "lucide-preact";

import { classes } from "../classes";
import "./icon.css";

export interface IconProps {
  readonly of: LucideIcon;
  readonly size?: 12 | 14 | 16 | 20 | 24;
  /** What it means, if nothing beside it says so. */
  readonly label?: string;
  /** It points somewhere, so it turns round where writing runs from the right. */
  readonly mirrored?: boolean;
  readonly class?: string;
}

export function Icon({ of: Shape, size = 16, label, mirrored = false, class: extra }: IconProps) {
  const meaning =
    label === undefined ? ({ "aria-hidden": "true" } as const) : ({ role: "img", "aria-label": label } as const);
  return (
    <Shape
      size={size}
      strokeWidth={size >= 20 ? 1.75 : 1.9}
      class={classes("sb-icon", mirrored && "sb-icon--mirrored", extra)}
      {...meaning}
    />
  );
}
