// Times as people say them, in their language and zone.
//
// Every function is given the moment (unix milliseconds), and where it matters what is now: nothing here reads a clock.
// The one clock of the pages is ./ticker.ts.
//
// Not here: sentences around a time ("Comes back {time}"); those are messages of ../i18n.

export interface Locale {
  /** BCP 47 tag. */
  readonly language: string;
  /** IANA name. */
  readonly zone: string;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Within this many days a weekday's name says enough. */
const WEEKDAY_DAYS = 6;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs a hundred times what using it costs, and a list draws many. */
function format(options: Intl.DateTimeFormatOptions, { language, zone }: Locale): Intl.DateTimeFormat {
  const key = `${language} ${zone} ${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (made === undefined) {
    made = new Intl.DateTimeFormat(language, { ...options, timeZone: zone });
    formats.set(key, made);
  }
  return made;
}

/** What a calendar can hold, milliseconds on either side of 1970 (ECMA-262, 21.4.1.1). */
const HELD_MS = 8.64e15;

/** The nearest time that can be shown: one that no calendar has must not take down all that stands around it. */
export function held(at: number): number {
  return Math.max(-HELD_MS, Math.min(HELD_MS, at));
}

/** The zone that the browser is in. */
export function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Whether times can be said in it here: an IANA name that this browser knows. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** What the clocks of that zone show then, as if it were UTC: for sums with days and hours. Unix milliseconds. */
export function wallClock(at: number, zone: string): number {
  const parts = format(
    {
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
      hourCycle: "h23",
    },
    { language: "en-u-ca-gregory", zone },
  ).formatToParts(held(at));
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((p) => p.type === type)?.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
}

/**
 * When the clocks of that zone show this (`wallClock`). Of an hour that comes twice the first is meant; of one that is
 * left out in spring, an hour later.
 */
export function atWallClock(wall: number, zone: string): number {
  const ahead = (at: number): number => wallClock(at, zone) - Math.floor(at / SECOND_MS) * SECOND_MS;
  const before = wall - ahead(wall - DAY_MS);
  const after = wall - ahead(wall + DAY_MS);
  return wallClock(before, zone) === wall ? before : wallClock(after, zone) === wall ? after : before;
}

/** The calendar day in that zone, as a number that grows by one each day. Two moments of one day have the same. */
export function dayNumber(at: number, zone: string): number {
  const parts = format(
    { year: "numeric", month: "numeric", day: "numeric" },
    { language: "en-u-ca-gregory", zone },
  ).formatToParts(held(at));
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((p) => p.type === type)?.value);
  return Math.floor(Date.UTC(of("year"), of("month") - 1, of("day")) / DAY_MS);
}

function year(at: number, zone: string): string {
  return format({ year: "numeric" }, { language: "en-u-ca-gregory", zone }).format(held(at));
}

/** "14:05" */
export function clock(at: number, locale: Locale): string {
  return format({ timeStyle: "short" }, locale).format(held(at));
}

/** "Saturday 21 November 2026": where "today" would be read on another day. */
export function fullDay(at: number, locale: Locale): string {
  return format({ dateStyle: "full" }, locale).format(held(at));
}

/** "Saturday 21 November 2026 at 14:05": what a time shows when pointed at. */
export function exact(at: number, locale: Locale): string {
  return format({ dateStyle: "full", timeStyle: "short" }, locale).format(held(at));
}

type SpanUnit = "second" | "minute" | "hour" | "day";

function unit(n: number, of: SpanUnit, language: string): string {
  return new Intl.NumberFormat(language, { style: "unit", unit: of, unitDisplay: "short" }).format(n);
}

/** A length of time by its largest unit: "40 sec", "2 min", "3 hr", "5 days". */
export function span(ms: number, language: string): string {
  const length = Math.max(0, ms);
  if (length < MINUTE_MS) return unit(Math.ceil(length / SECOND_MS), "second", language);
  if (length < HOUR_MS) return unit(Math.floor(length / MINUTE_MS), "minute", language);
  if (length < DAY_MS) return unit(Math.floor(length / HOUR_MS), "hour", language);
  return unit(Math.floor(length / DAY_MS), "day", language);
}

/** How long ago, in the few letters of a list row: "now", "2 min", "3 hr", "yesterday", "Mon", "12 Nov", "12 Nov 2025". */
export function ago(at: number, now: number, locale: Locale, nowWord: string): string {
  const passed = now - at;
  // A server's clock may be a little ahead of ours.
  if (passed < MINUTE_MS) return nowWord;
  const days = dayNumber(now, locale.zone) - dayNumber(at, locale.zone);
  if (passed < HOUR_MS || days === 0) return span(passed, locale.language);
  if (days === 1) return relativeDay(-1, locale.language);
  if (days <= WEEKDAY_DAYS) return format({ weekday: "short" }, locale).format(held(at));
  return shortDate(at, now, locale);
}

/**
 * The same within a sentence ("Last seen {time}"), where a bare "2 min" would be a length of time: "now", "2 minutes ago",
 * "3 hours ago", "yesterday", "5 days ago", "12 Nov".
 */
export function longAgo(at: number, now: number, locale: Locale, nowWord: string): string {
  const passed = now - at;
  if (passed < MINUTE_MS) return nowWord;
  const days = dayNumber(now, locale.zone) - dayNumber(at, locale.zone);
  if (passed < HOUR_MS) return relative(-Math.floor(passed / MINUTE_MS), "minute", locale.language);
  if (days === 0) return relative(-Math.floor(passed / HOUR_MS), "hour", locale.language);
  if (days <= WEEKDAY_DAYS) return relative(-days, "day", locale.language);
  return shortDate(at, now, locale);
}

function shortDate(at: number, now: number, locale: Locale, more: Intl.DateTimeFormatOptions = {}): string {
  const sameYear = year(at, locale.zone) === year(now, locale.zone);
  const day: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) };
  return format({ ...day, ...more }, locale).format(held(at));
}

function relativeDay(days: -1 | 0 | 1, language: string): string {
  return relative(days, "day", language);
}

function relative(n: number, of: SpanUnit, language: string): string {
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(n, of);
}

/** The line above a day's messages: "Today", "Yesterday", "Monday 16 November". */
export function dayLine(at: number, now: number, locale: Locale): string {
  const days = dayNumber(now, locale.zone) - dayNumber(at, locale.zone);
  if (days === 0 || days === 1) return capital(relativeDay(days === 0 ? 0 : -1, locale.language), locale.language);
  const sameYear = year(at, locale.zone) === year(now, locale.zone);
  const options: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long" };
  return capital(
    format(sameYear ? options : { ...options, year: "numeric" }, locale).format(held(at)),
    locale.language,
  );
}

function capital(text: string, language: string): string {
  const first = text.codePointAt(0);
  if (first === undefined) return text;
  const letter = String.fromCodePoint(first);
  return letter.toLocaleUpperCase(language) + text.slice(letter.length);
}

/** A moment to come, for a sentence: "today 17:00", "tomorrow 09:00", "Mon 9:00", "12 Nov, 9:00", "12 Nov 2027, 9:00". */
export function coming(at: number, now: number, locale: Locale): string {
  const days = dayNumber(at, locale.zone) - dayNumber(now, locale.zone);
  if (days === 0 || days === 1) return `${relativeDay(days, locale.language)} ${clock(at, locale)}`;
  const clockToo: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
  if (days > 1 && days <= WEEKDAY_DAYS) return format({ weekday: "short", ...clockToo }, locale).format(held(at));
  return shortDate(at, now, locale, clockToo);
}
