/** When "Remind me" may bring a conversation back: moments of the person's own clock. */

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
export function snoozeChoices(now: number): readonly Choice[] {
  const today = new Date(now);
  const morning = (days: number): number => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    return date.setHours(MORNING_HOUR, 0, 0, 0);
  };
  const later = now + LATER_MS;
  const night = today.getHours() < NIGHT_HOUR;
  const soon: readonly Choice[] = night
    ? [{ id: "thisMorning", at: morning(0) }]
    : new Date(later).getDate() === today.getDate()
      ? [{ id: "laterToday", at: later }]
      : [];
  const all: readonly Choice[] = [
    ...soon,
    { id: "tomorrow", at: morning(1) },
    { id: "monday", at: morning((8 - today.getDay()) % 7 || 7) },
    { id: "week", at: morning(7) },
  ];
  return all.filter(({ at }, place) => all.findIndex((one) => one.at === at) === place).toSorted((a, b) => a.at - b.at);
}
