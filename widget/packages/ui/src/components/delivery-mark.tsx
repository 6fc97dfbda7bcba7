// How far a message that went out has come, on the channel's own word: an icon and a word, the reason on hover.

import type { Delivery } from "@switchboard/protocol";
import { Check, CheckCheck, CircleAlert, CircleHelp, Clock, CloudOff, type LucideIcon } from "lucide-preact";

import { t } from "../i18n/dashboard";
import { Icon } from "./icon";
import "./delivery-mark.css";

/**
 * What a message has on this page before the hub has it: `sending`, `waiting` (written while there was no connection, kept
 * on this machine), `unsent` (the hub has not taken it).
 */
type Before = "sending" | "waiting" | "unsent";

export type DeliveryState = Delivery | Before;

const ICONS: Readonly<Record<DeliveryState, LucideIcon>> = {
  sending: Clock,
  waiting: CloudOff,
  unsent: CircleAlert,
  queued: Clock,
  sent: Check,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
  uncertain: CircleHelp,
};

export interface DeliveryMarkProps {
  readonly state: DeliveryState;
  /** Why it waits, failed or is uncertain, in the channel's words. */
  readonly why?: string | undefined;
  /** Only the icon; the word is for screen readers and on hover. */
  readonly iconOnly?: boolean;
}

function words(state: DeliveryState, why: string | undefined): string {
  switch (state) {
    case "sending":
      return t("delivery.queued");
    case "queued":
      return why ? t("delivery.toSendWhy", { why: `\u2068${why}\u2069` }) : t("delivery.toSend");
    case "unsent":
    case "failed":
    case "uncertain":
      // The channel's words run their own way, whatever the page's language (UAX 9: FSI … PDI).
      return why ? t(`delivery.${state}Why`, { why: `\u2068${why}\u2069` }) : t(`delivery.${state}`);
    default:
      // It takes longer, or one of the copies came back.
      return why ? `${t(`delivery.${state}`)} · \u2068${why}\u2069` : t(`delivery.${state}`);
  }
}

export function DeliveryMark({ state, why, iconOnly = false }: DeliveryMarkProps) {
  const word = words(state, why);
  return (
    <span class={`sb-delivery sb-delivery--${state}`} title={word}>
      <Icon of={ICONS[state]} size={14} {...(iconOnly ? { label: word } : {})} />
      {!iconOnly && <span>{word}</span>}
    </span>
  );
}
