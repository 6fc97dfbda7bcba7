// The words of templates: `desk` and a section that comes with the settings, or when one is first picked.

import { addWords } from "./desk";
import type own from "./en/templates";
import { type Loaders, type Translate, translate } from "./index";
import type { MoreWords } from "./more";

export type TemplateWords = MoreWords & typeof own;

const words: Loaders = {
  en: () => import("./en/templates"),
  nl: () => import("./nl/templates"),
  fr: () => import("./fr/templates"),
  nb: () => import("./nb/templates"),
  ar: () => import("./ar/templates"),
};

/** Loads the words in the language that is shown, and from then on in each that is chosen. */
export function loadTemplateWords(): Promise<void> {
  return addWords(words);
}

/** The sentence for this key; parameters are typed by the English message. */
export const t: Translate<TemplateWords> = (key, ...args) => translate(key, args[0]);
