// Nothing here: what will appear, and the first step.

import type { LucideIcon } from "lucide-preact";
import type { ComponentChildren } from "preact";

import { Icon } from "./icon";
import "./empty-state.css";

export interface EmptyStateProps {
  readonly icon?: LucideIcon;
  readonly title: string;
  readonly body?: string;
  /** A button: the first step. */
  readonly action?: ComponentChildren;
}

export function EmptyState({ icon, title, body, action }: EmptyStateProps) {
  return (
    <div class="sb-empty">
      {icon && (
        <span class="sb-empty__icon">
          <Icon of={icon} size={24} />
        </span>
      )}
      <p class="sb-empty__title">{title}</p>
      {body && <p class="sb-empty__body">{body}</p>}
      {action && <div class="sb-empty__action">{action}</div>}
    </div>
  );
}
