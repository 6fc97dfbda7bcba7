// The words of parts that come when they are first asked for (settings, the palette, what lies over the page, emoji, print, the team): `desk` and a section that comes
// with them.

import { addWords, type DeskWords } from "./desk";
import type own from "./en/more";
import { type Loaders, type Translate, type TranslateRich, translate, translateRich } from "./index";

export type MoreWords = DeskWords & typeof own;

const words: Loaders = {
  en: () => import("./en/more"),
  nl: () => import("./nl/more"),
  fr: () => import("./fr/more"),
  nb: () => import("./nb/more"),
  ar: () => import("./ar/more"),
};

/** Loads the words in the language that is shown, and from then on in each that is chosen. */
export function loadMoreWords(): Promise<void> {
  return addWords(words);
}

/** The sentence for this key; parameters are typed by the English message. */
export const t: Translate<MoreWords> = (key, ...args) => translate(key, args[0]);

/** The same for sentences with elements in them. */
export const rich = translateRich as TranslateRich<MoreWords>;
