// The words of the dashboard: `common` and its own section. See ./index.ts for how to add one.

import type own from "./en/dashboard";
import {
  type Common,
  common,
  type Language,
  type Loaders,
  load,
  type Translate,
  type TranslateRich,
  translate,
  translateRich,
} from "./index";

export type DashboardWords = Common & typeof own;

export const loaders: Loaders = {
  en: () => import("./en/dashboard"),
  nl: () => import("./nl/dashboard"),
  fr: () => import("./fr/dashboard"),
  nb: () => import("./nb/dashboard"),
  ar: () => import("./ar/dashboard"),
};

/** Loads and shows the dashboard's words in this language. */
export function loadLanguage(language: Language): Promise<void> {
  return load(language, [common, loaders]);
}

/** The sentence for this key; parameters are typed by the English message. */
export const t: Translate<DashboardWords> = (key, ...args) => translate(key, args[0]);

/** The same for sentences with elements in them: `rich("line.closed", { by: <b>Anna</b> })`. */
export const rich = translateRich as TranslateRich<DashboardWords>;
