// The words of the panel: `common`, its own section, and what it says around bots (`bots`). See ./index.ts for how to add one.

import type bots from "./en/bots";
import type own from "./en/panel";
import {
  type Common,
  type Language,
  type Loaders,
  load,
  language as shown,
  type Translate,
  type TranslateRich,
  translate,
  translateRich,
} from "./index";

export type PanelWords = Common & typeof own & typeof bots;

export const loaders: Loaders = {
  en: () => import("./en/chat"),
  nl: () => import("./nl/chat"),
  fr: () => import("./fr/chat"),
  nb: () => import("./nb/chat"),
  ar: () => import("./ar/chat"),
};

const sections = [loaders];

/** Loads and shows the panel's words in this language. */
export function loadLanguage(language: Language): Promise<void> {
  return load(language, sections);
}

/** Words of a part that is loaded later: they come in the language that is shown now, and in each chosen after it. */
export function addWords(more: Loaders): Promise<void> {
  if (!sections.includes(more)) sections.push(more);
  return loadLanguage(shown.value);
}

/** The sentence for this key; parameters are typed by the English message. */
export const t: Translate<PanelWords> = (key, ...args) => translate(key, args[0]);

/** The same for sentences with elements in them: `rich("line.closed", { by: <b>Anna</b> })`. */
export const rich = translateRich as TranslateRich<PanelWords>;
