/** What a person has chosen for this browser: theme, density, language, which columns are folded. */
import { computed, effect, type Signal, signal } from "@preact/signals";
import { applyTo, LANGUAGES, type Language, pickLanguage } from "@switchboard/ui/i18n";
import { loadLanguage } from "@switchboard/ui/i18n/desk";
import { zone } from "@switchboard/ui/ticker";
import { browserZone, isZone } from "@switchboard/ui/time";

export type Theme = "system" | "light" | "dark";
export type Density = "comfortable" | "compact";

export function stored<T extends string>(name: string, allowed: readonly T[], fallback: T): Signal<T> {
  const key = `switchboard.${name}`;
  const read = (): T => {
    try {
      return allowed.find((one) => one === localStorage.getItem(key)) ?? fallback;
    } catch {
      return fallback;
    }
  };
  const value = signal(read());
  value.subscribe((now) => {
    try {
      localStorage.setItem(key, now);
    } catch {
      // Forbidden storage: the choice lasts as long as the page.
    }
  });
  return value;
}

/** One of very many names, which `allows` knows; empty: none was chosen. */
function named(name: string, allows: (one: string) => boolean): Signal<string> {
  const key = `switchboard.${name}`;
  const value = signal("");
  try {
    const kept = localStorage.getItem(key) ?? "";
    if (allows(kept)) value.value = kept;
  } catch {
    // Forbidden storage: nothing was kept.
  }
  value.subscribe((now) => {
    try {
      if (now === "") localStorage.removeItem(key);
      else localStorage.setItem(key, now);
    } catch {
      // As above: the choice lasts as long as the page.
    }
  });
  return value;
}

export const theme = stored<Theme>("theme", ["system", "light", "dark"], "system");
export const density = stored<Density>("density", ["comfortable", "compact"], "comfortable");
export const folders = stored<"open" | "folded">("folders", ["open", "folded"], "open");
/** Keys of one letter; who speaks to their computer, or types by accident, switches them off (WCAG 2.1.4). */
export const letterKeys = stored<"on" | "off">("letter-keys", ["on", "off"], "on");
/** Answers are written with bold, lists and links, where the channel takes them. */
export const formatting = stored<"on" | "off">("formatting", ["on", "off"], "off");
/**
 * So many seconds an answer is held before it goes out, and can be taken back. None, until somebody wants it: a customer in a
 * chat waits for each of them.
 */
export const undoSend = stored<"0" | "5" | "10" | "20" | "30">("undo-send", ["0", "5", "10", "20", "30"], "0");
/** Mails show as their authors meant them, where that says more than their text, or as text. */
export const mailView = stored<"sent" | "text">("mail-view", ["sent", "text"], "sent");
const panel = stored<"open" | "folded">("panel", ["open", "folded"], "open");
/** Width of the list, px. */
export const listWidth = stored<`${number}`>(
  "list-width",
  Array.from({ length: 301 }, (_, step) => `${260 + step}` as const),
  "340",
);
/** In which zone times are shown; empty: the browser's. */
export const ownZone = named("time-zone", isZone);
ownZone.subscribe((chosen) => {
  zone.value = chosen === "" ? browserZone() : chosen;
});
const language = stored<Language | "system">("language", ["system", ...LANGUAGES], "system");

export { language as chosenLanguage };

/** Shows the language that was chosen, or the system's first that the product speaks. */
export async function chooseLanguage(next: Language | "system"): Promise<void> {
  await loadLanguage(next === "system" ? pickLanguage(navigator.languages) : next);
  language.value = next;
  applyTo(document.documentElement);
}

/** Puts what was chosen on the document, now and whenever it changes. */
export function applyPreferences(): void {
  effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === "system") delete dataset.theme;
    else dataset.theme = theme.value;
    dataset.density = density.value;
  });
}

/** There is room for the customer beside all the rest; else they come when asked for. */
const roomy = matchMedia("(min-width: 1360px)");
const isRoomy = signal(roomy.matches);
roomy.addEventListener("change", () => (isRoomy.value = roomy.matches));
const panelDrawer = signal(false);
/** Narrower still there is no column for them: they cover so much that the rest waits. */
const narrow = matchMedia("(max-width: 1099px)");
const isNarrow = signal(narrow.matches);
narrow.addEventListener("change", () => (isNarrow.value = narrow.matches));

/** Where the customer stands: a column of its own, in the place of the folders for a while, or over everything. */
export const panelPlace = computed(() => (isRoomy.value ? "column" : isNarrow.value ? "modal" : "guest"));

export const panelOpen = computed(() => (isRoomy.value ? panel.value === "open" : panelDrawer.value));

export function showPanel(open: boolean): void {
  if (isRoomy.value) panel.value = open ? "open" : "folded";
  else panelDrawer.value = open;
}
