// The pages' one clock: a signal that says what time it is, often enough for "2 min" to be true.
//
// It runs only while something on the screen reads it, so a page without times has no timer, and every time on the page
// changes in the same frame.

import { computed, type ReadonlySignal, signal } from "@preact/signals";

import { language } from "../i18n/index";
import { browserZone, type Locale } from "./index";

/** How often the times on the screen are looked at again, milliseconds. */
export const TICK_MS = 15_000;

/** A signal that reads `read` every `everyMs` while it is watched. */
export function ticker(read: () => number, everyMs: number = TICK_MS): ReadonlySignal<number> {
  let timer: ReturnType<typeof setInterval> | undefined;
  const ticks = signal(read(), {
    watched() {
      ticks.value = read();
      timer = setInterval(() => (ticks.value = read()), everyMs);
    },
    unwatched() {
      clearInterval(timer);
    },
  });
  return ticks;
}

/** Now, for whatever shows a time. */
export const now: ReadonlySignal<number> = ticker(() => Date.now());

/** The person's own time zone; the browser's until they choose another. */
export const zone = signal(browserZone());

/** The reader's own region of the language shown, if the browser names one: en-GB has 24 hours a day, en-US twice 12. */
function regional(shown: string): string {
  const wished = typeof navigator === "undefined" ? [] : navigator.languages;
  return wished.find((tag) => tag.toLowerCase().startsWith(`${shown}-`)) ?? shown;
}

/** Language and zone together, as ./index.ts wants them. */
export const locale: ReadonlySignal<Locale> = computed(() => ({
  language: regional(language.value),
  zone: zone.value,
}));
