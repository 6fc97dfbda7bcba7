/** Business hours as they are typed: times as fields have them, by day. */
import { type Hours, MINUTES_OF_DAY, type OpenSpan, type Weekday } from "@switchboard/protocol";

export const WEEK: readonly Weekday[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const WORKDAYS: readonly Weekday[] = WEEK.slice(0, 5);

/** `HH:MM`; a field has no 24:00, so the day's end is 00:00. */
export interface SpanDraft {
  readonly from: string;
  readonly to: string;
}

export interface HoursDraft {
  readonly zone: string;
  readonly days: Readonly<Record<Weekday, readonly SpanDraft[]>>;
  readonly holidays: readonly string[];
}

const NINE_TO_FIVE: SpanDraft = { from: "09:00", to: "17:00" };
/** What a further time of a day begins with, minutes. */
const BREAK = 60;
const HALF_A_DAY = 240;

function clock(minutes: number): string {
  const on = minutes % MINUTES_OF_DAY;
  return `${String(Math.floor(on / 60)).padStart(2, "0")}:${String(on % 60).padStart(2, "0")}`;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

const endOf = (span: SpanDraft): number => minutesOf(span.to) || MINUTES_OF_DAY;

function byDay(spans: (day: Weekday) => readonly SpanDraft[]): HoursDraft["days"] {
  return Object.fromEntries(WEEK.map((day) => [day, spans(day)])) as Record<Weekday, readonly SpanDraft[]>;
}

export function draftOf({ zone, open, holidays }: Hours): HoursDraft {
  const written = ({ from, to }: OpenSpan): SpanDraft => ({ from: clock(from), to: clock(to) });
  return { zone, days: byDay((day) => open.filter((span) => span.day === day).map(written)), holidays };
}

/** What most begin with. */
export function freshDraft(zone: string): HoursDraft {
  return { zone, days: byDay((day) => (WORKDAYS.includes(day) ? [NINE_TO_FIVE] : [])), holidays: [] };
}

export function hoursOf({ zone, days, holidays }: HoursDraft): Hours {
  const open = WEEK.flatMap((day) => days[day].map((span) => ({ day, from: minutesOf(span.from), to: endOf(span) })));
  return { zone, open, holidays: [...holidays] };
}

/** Where a span stands among all that are sent: by that the hub says what is wrong with it. */
export function placeOf({ days }: HoursDraft, day: Weekday, place: number): number {
  const before = WEEK.slice(0, WEEK.indexOf(day));
  return before.reduce((sum, one) => sum + days[one].length, place);
}

/** With one more on a day, after those that are there. */
export function withSpan(draft: HoursDraft, day: Weekday): HoursDraft {
  const last = draft.days[day].at(-1);
  const from = last ? Math.min(endOf(last) + BREAK, MINUTES_OF_DAY - 1) : 0;
  const span = last ? { from: clock(from), to: clock(Math.min(from + HALF_A_DAY, MINUTES_OF_DAY)) } : NINE_TO_FIVE;
  return onDay(draft, day, [...draft.days[day], span]);
}

export function onDay(draft: HoursDraft, day: Weekday, spans: readonly SpanDraft[]): HoursDraft {
  return { ...draft, days: { ...draft.days, [day]: spans } };
}

export function likeMonday(draft: HoursDraft): HoursDraft {
  return WORKDAYS.reduce((so, day) => onDay(so, day, draft.days.monday), draft);
}

/** Every zone that the browser knows, and this one. */
export function zones(own: string): string[] {
  return [...new Set(["UTC", own, ...Intl.supportedValuesOf("timeZone")])].sort();
}

export function zoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
