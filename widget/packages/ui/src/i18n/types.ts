// Types of the catalogues: which languages there are, what a message is, and which parameters it takes.

/** Every language of the product. A language is added here, in `PluralForms`, and as a folder beside this file. */
export const LANGUAGES = ["en", "nl", "fr", "nb", "ar"] as const;

export type Language = (typeof LANGUAGES)[number];

/** The plural categories that each language's `Intl.PluralRules` can answer. A test holds this to the truth. */
export interface PluralForms {
  en: "one" | "other";
  nl: "one" | "other";
  fr: "one" | "many" | "other";
  nb: "one" | "other";
  ar: "zero" | "one" | "two" | "few" | "many" | "other";
}

/** A sentence with `{parameters}`, or one for each plural form, chosen by the parameter `n`. */
export type Message = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

export type Catalogue = Readonly<Record<string, Message>>;

/** What a translation into `L` of the English catalogue `Source` must hold: each key, each plural form. */
export type Translation<L extends Language, Source> = {
  readonly [K in keyof Source]: Source[K] extends string ? string : Readonly<Record<PluralForms[L], string>>;
};

type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

type ParameterNames<M> = M extends string ? Names<M> : M extends { other: infer Other } ? "n" | Names<Other> : never;

/** The arguments after the key: none if the message has no parameters, else an object with exactly those. */
export type Arguments<M, Value = string | number> = [ParameterNames<M>] extends [never]
  ? []
  : [parameters: { readonly [K in ParameterNames<M>]: K extends "n" ? number : Value }];
