// How far a message that went out has come, on the channel's own word: an icon and a word, the reason on hover.

import type { Delivery } from "@switchboard/protocol";
import { Check, CheckCheck, CircleAlert, CircleHelp, Clock, CloudOff, type LucideIcon } from "lucide-preact";

import { t } from "../i18n/index";
import { Icon } from "./icon";
import "./delivery-mark.css";

/** `waiting`: written while there was no connection, kept on this machine. */
export type DeliveryState = Delivery | "waiting";

const ICONS: Readonly<Record<DeliveryState, LucideIcon>> = {
  waiting: CloudOff,
  queued: Clock,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
  uncertain: CircleHelp,
};

export interface DeliveryMarkProps {
  readonly state: DeliveryState;
  /** Why it failed or is uncertain, in the channel's words. */
  readonly why?: string | undefined;
  /** Only the icon; the word is for screen readers and on hover. */
  readonly iconOnly?: boolean;
}

export function DeliveryMark({ state, why, iconOnly = false }: DeliveryMarkProps) {
  const word = state === "failed" && why ? t("delivery.failedWhy", { why }) : t(`delivery.${state}`);
  return (
    <span class={`sb-delivery sb-delivery--${state}`} title={why ?? word}>
      <Icon of={ICONS[state]} size={14} {...(iconOnly ? { label: word } : {})} />
      {!iconOnly && <span>{word}</span>}
    </span>
  );
}
