// The words of the dashboard's screens: `common`, the components' `dashboard` section, and the screens' own. See ./index.ts.

import type { DashboardWords } from "./dashboard";
import type own from "./en/desk";
import {
  common,
  type Language,
  type Loaders,
  load,
  language as shown,
  type Translate,
  type TranslateRich,
  translate,
  translateRich,
} from "./index";

export type DeskWords = DashboardWords & typeof own;

const components: Loaders = {
  en: () => import("./en/dashboard"),
  nl: () => import("./nl/dashboard"),
  fr: () => import("./fr/dashboard"),
  nb: () => import("./nb/dashboard"),
  ar: () => import("./ar/dashboard"),
};

const screens: Loaders = {
  en: () => import("./en/desk"),
  nl: () => import("./nl/desk"),
  fr: () => import("./fr/desk"),
  nb: () => import("./nb/desk"),
  ar: () => import("./ar/desk"),
};

const sections: Loaders[] = [common, components, screens];

/** Loads and shows the dashboard's words in this language. */
export function loadLanguage(language: Language): Promise<void> {
  return load(language, sections);
}

/** Words of a part that is loaded later: they come in the language that is shown now, and in each chosen after it. */
export function addWords(more: Loaders): Promise<void> {
  if (!sections.includes(more)) sections.push(more);
  return load(shown.value, sections);
}

/** The sentence for this key; parameters are typed by the English message. */
export const t: Translate<DeskWords> = (key, ...args) => translate(key, args[0]);

/** The same for sentences with elements in them. */
export const rich = translateRich as TranslateRich<DeskWords>;
