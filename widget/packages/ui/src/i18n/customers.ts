// The words of customers: `desk` and a section that comes with their pages, and with what other systems say of them.

import { addWords } from "./desk";
import type own from "./en/customers";
import { type Loaders, type Translate, translate } from "./index";
import type { MoreWords } from "./more";

export type CustomerWords = MoreWords & typeof own;

const words: Loaders = {
  en: () => import("./en/customers"),
  nl: () => import("./nl/customers"),
  fr: () => import("./fr/customers"),
  nb: () => import("./nb/customers"),
  ar: () => import("./ar/customers"),
};

/** Loads the words in the language that is shown, and from then on in each that is chosen. */
export function loadCustomerWords(): Promise<void> {
  return addWords(words);
}

/** The sentence for this key; parameters are typed by the English message. */
export const t: Translate<CustomerWords> = (key, ...args) => translate(key, args[0]);
