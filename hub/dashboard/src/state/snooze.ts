/** When "Remind me" may bring a conversation back: moments of the person's own clock, whatever the browser's says. */
import { atWallClock, wallClock } from "@switchboard/ui/time";

/** "Morning" begins at nine. */
const MORNING_HOUR = 9;
/** Before this hour it is still night, and the morning to come is today's. */
const NIGHT_HOUR = 6;
const LATER_MS = 3 * 3_600_000;

type ChoiceName = "laterToday" | "thisMorning" | "tomorrow" | "monday" | "week";

interface Choice {
  readonly id: ChoiceName;
  readonly at: number;
}

/** The moments that are offered, the nearest first; none twice, none under a name that is not true. */
export function snoozeChoices(now: number, zone: string): readonly Choice[] {
  const today = new Date(wallClock(now, zone));
  const morning = (days: number): number =>
    atWallClock(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), today.getUTCDate() + days, MORNING_HOUR), zone);
  const later = now + LATER_MS;
  const night = today.getUTCHours() < NIGHT_HOUR;
  const soon: readonly Choice[] = night
    ? [{ id: "thisMorning", at: morning(0) }]
    : new Date(wallClock(later, zone)).getUTCDate() === today.getUTCDate()
      ? [{ id: "laterToday", at: later }]
      : [];
  const all: readonly Choice[] = [
    ...soon,
    { id: "tomorrow", at: morning(1) },
    { id: "monday", at: morning((8 - today.getUTCDay()) % 7 || 7) },
    { id: "week", at: morning(7) },
  ];
  return all.filter(({ at }, place) => all.findIndex((one) => one.at === at) === place).toSorted((a, b) => a.at - b.at);
}
