// The words of what the panel shows once somebody has written: `panel` and a section that comes with it.

import type own from "./en/cases";
import { type Loaders, type Translate, translate } from "./index";
import { addWords, type PanelWords } from "./panel";

export const loaders: Loaders = {
  en: () => import("./en/cases"),
  nl: () => import("./nl/cases"),
  fr: () => import("./fr/cases"),
  nb: () => import("./nb/cases"),
  ar: () => import("./ar/cases"),
};

/** Loads the words in the language that is shown, and from then on in each that is chosen. */
export function loadCaseWords(): Promise<void> {
  return addWords(loaders);
}

/** The sentence for this key; parameters are typed by the English message. */
export const t: Translate<PanelWords & typeof own> = (key, ...args) => translate(key, args[0]);
