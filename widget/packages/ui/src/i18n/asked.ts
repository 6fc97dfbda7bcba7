// The words of what the panel asks before the first message, and of when an inbox opens: `panel` and a section of their own.

import type own from "./en/asked";
import { type Loaders, type Translate, translate } from "./index";
import { addWords, type PanelWords } from "./panel";

export const loaders: Loaders = {
  en: () => import("./en/asked"),
  nl: () => import("./nl/asked"),
  fr: () => import("./fr/asked"),
  nb: () => import("./nb/asked"),
  ar: () => import("./ar/asked"),
};

/** Loads the words in the language that is shown, and from then on in each that is chosen. */
export function loadAskedWords(): Promise<void> {
  return addWords(loaders);
}

/** The sentence for this key; parameters are typed by the English message. */
export const t: Translate<PanelWords & typeof own> = (key, ...args) => translate(key, args[0]);
