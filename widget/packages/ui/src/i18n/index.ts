// Words in the reader's language.
//
// A catalogue is a plain object in `<language>/<section>.ts`. Sections: `common` (what components say), `dashboard` and
// `panel` (what those two pages say), and some that come with a part of a page; a page loads `common` and its own, in one
// language, by dynamic import.
//
// To add a message: write it in `en/<section>.ts`; the compiler then names the other four files, and for a message with
// plural forms each form that the language needs. `{name}` is a parameter, typed at every call. Sentences are whole:
// never build one of two messages.
//
//     import { t } from "@switchboard/ui/i18n/dashboard";
//     t("list.new", { n: 3 })   // "3 new"
//
// To add a language: `LANGUAGES` and `PluralForms` in types.ts, a folder, and the loaders of each section.
//
// Not here: dates and durations (../time), and choosing between the system's and a person's language (the pages do).

import { computed, signal } from "@preact/signals";
import type everywhere from "./en/common";
import { type Arguments, type Catalogue, LANGUAGES, type Language, type Message } from "./types";

export { LANGUAGES, type Language } from "./types";

export type Common = typeof everywhere;

interface Loaded {
  readonly language: Language;
  readonly messages: Catalogue;
}

const loaded = signal<Loaded>({ language: "en", messages: {} });

/** The language now shown. */
export const language = computed<Language>(() => loaded.value.language);

/** Which way the language now shown is written. */
export const direction = computed<"ltr" | "rtl">(() => directionOf(language.value));

export function directionOf(of: Language): "ltr" | "rtl" {
  return of === "ar" ? "rtl" : "ltr";
}

/** What each language's own speakers call it; for the language menu. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: "English",
  nl: "Nederlands",
  fr: "Français",
  nb: "Norsk bokmål",
  ar: "العربية",
};

/** The first of the wished languages (BCP 47 tags, best first) that the product speaks, else English. */
export function pickLanguage(wished: readonly string[]): Language {
  for (const tag of wished) {
    const primary = tag.toLowerCase().split("-")[0];
    // "no" and "nn" readers read bokmål.
    const known = primary === "no" || primary === "nn" ? "nb" : LANGUAGES.find((l) => l === primary);
    if (known) return known;
  }
  return "en";
}

type Loader = () => Promise<{ readonly default: Catalogue }>;

/** One section in each language; nothing is fetched until its language is asked for. */
export type Loaders = Readonly<Record<Language, Loader>>;

/** What every page but the panel loads first; the panel's words bring their part of it along (./panel.ts). */
export const common: Loaders = {
  en: () => import("./en/common"),
  nl: () => import("./nl/common"),
  fr: () => import("./fr/common"),
  nb: () => import("./nb/common"),
  ar: () => import("./ar/common"),
};

let asked = 0;
let shownAs = 0;

/** Loads these sections in this language, then shows them, all at once. */
export async function load(wanted: Language, sections: readonly Loaders[]): Promise<void> {
  asked += 1;
  const mine = asked;
  const modules = await Promise.all(sections.map((loaders) => loaders[wanted]()));
  // What was asked for later has all of it, and may have come earlier.
  if (mine < shownAs) return;
  shownAs = mine;
  loaded.value = { language: wanted, messages: Object.assign({}, ...modules.map((m) => m.default)) as Catalogue };
}

/** Says to the document which language it is in and which way it runs. */
export function applyTo(root: HTMLElement): void {
  root.lang = language.value;
  root.dir = direction.value;
}

type Values = Readonly<Record<string, unknown>>;

const pluralRules = new Map<Language, Intl.PluralRules>();
const numberFormats = new Map<Language, Intl.NumberFormat>();

function cached<T>(cache: Map<Language, T>, key: Language, make: () => T): T {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = make();
  cache.set(key, made);
  return made;
}

function sentence(message: Message, values: Values, of: Language): string {
  if (typeof message === "string") return message;
  const form = cached(pluralRules, of, () => new Intl.PluralRules(of)).select(Number(values.n));
  return message[form] ?? message.other;
}

function value(given: unknown, of: Language): unknown {
  return typeof given === "number" ? cached(numberFormats, of, () => new Intl.NumberFormat(of)).format(given) : given;
}

/** The message cut at its parameters, with the values put in; for sentences that hold elements. */
export function parts(message: Message, values: Values, of: Language): unknown[] {
  return sentence(message, values, of)
    .split(/\{(\w+)\}/)
    .map((piece, i) => (i % 2 === 0 ? piece : value(values[piece], of)))
    .filter((piece) => piece !== "");
}

/** `t` for a page whose catalogues are `C`. */
export type Translate<C> = <K extends keyof C & string>(key: K, ...args: Arguments<C[K]>) => string;

/** `rich` for a page whose catalogues are `C`: parameters may be elements, and the pieces come back in order. */
export type TranslateRich<C> = <K extends keyof C & string, E>(
  key: K,
  ...args: Arguments<C[K], string | number | E>
) => (string | E)[];

function lookUp(key: string): { message: Message; of: Language } {
  const { language: of, messages } = loaded.value;
  // Only before the first load, or in a test that loads nothing: the key is better than a blank.
  return { message: messages[key] ?? key, of };
}

/** The sentence for this key in the language now shown. A component that calls it is drawn again when that changes. */
export const t: Translate<Common> = (key, ...args) => translate(key, args[0]);

export function translate(key: string, values: Values = {}): string {
  const { message, of } = lookUp(key);
  return parts(message, values, of).join("");
}

export function translateRich(key: string, values: Values = {}): unknown[] {
  const { message, of } = lookUp(key);
  return parts(message, values, of);
}

/** A number as the reader writes it. */
export function number(n: number): string {
  return value(n, language.value) as string;
}

/** "Anna, Ben and Chloé", in the reader's language. */
export function list(items: readonly string[], type: "conjunction" | "disjunction" = "conjunction"): string {
  return new Intl.ListFormat(language.value, { style: "long", type }).format(items);
}

const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A file's size: "1.4 MB". */
export function bytes(n: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, n < 1 ? 0 : Math.floor(Math.log10(n) / 3));
  const amount = n / 1000 ** power;
  return new Intl.NumberFormat(language.value, {
    style: "unit",
    unit: BYTE_UNITS[power] ?? "byte",
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: amount < 10 && power > 0 ? 1 : 0,
  }).format(amount);
}
