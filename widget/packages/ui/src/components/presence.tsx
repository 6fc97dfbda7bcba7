// Whether somebody is here. The shape says it as well as the colour: full, half, barred, hollow.

import type { Availability } from "@switchboard/protocol";

import { t } from "../i18n/index";
import "./presence.css";

export interface PresenceProps {
  /** `null`: not here. */
  readonly availability: Availability | null;
  /** Said to screen readers; false where words beside it say so. */
  readonly named?: boolean;
}

export function presenceWord(availability: Availability | null): string {
  return t(availability === null ? "presence.offline" : `presence.${availability}`);
}

export function Presence({ availability, named = true }: PresenceProps) {
  const meaning = named
    ? ({ role: "img", "aria-label": presenceWord(availability) } as const)
    : ({ "aria-hidden": "true" } as const);
  return <span class={`sb-presence sb-presence--${availability ?? "gone"}`} {...meaning} />;
}
