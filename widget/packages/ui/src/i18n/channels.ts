// The words of setting up channels, which few people ever see: `desk` and a section that comes with the settings.

import { addWords } from "./desk";
import type own from "./en/channels";
import { type Loaders, type Translate, translate } from "./index";
import type { MoreWords } from "./more";

export type ChannelWords = MoreWords & typeof own;

const words: Loaders = {
  en: () => import("./en/channels"),
  nl: () => import("./nl/channels"),
  fr: () => import("./fr/channels"),
  nb: () => import("./nb/channels"),
  ar: () => import("./ar/channels"),
};

/** Loads the words in the language that is shown, and from then on in each that is chosen. */
export function loadChannelWords(): Promise<void> {
  return addWords(words);
}

/** The sentence for this key; parameters are typed by the English message. */
export const t: Translate<ChannelWords> = (key, ...args) => translate(key, args[0]);
