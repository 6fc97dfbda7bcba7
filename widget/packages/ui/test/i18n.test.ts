import { afterEach, describe, expect, test } from "vitest";
import { t as dashboard, loadLanguage, rich } from "../src/i18n/dashboard";
import { bytes, common, direction, LANGUAGES, type Language, load, pickLanguage, t } from "../src/i18n/index";
import type { Catalogue, Message } from "../src/i18n/types";

const files = import.meta.glob("../src/i18n/*/*.ts", { import: "default", eager: true }) as Record<string, Catalogue>;
const sections = [
  "common",
  "asked",
  "bots",
  "cases",
  "channels",
  "customers",
  "dashboard",
  "desk",
  "more",
  "panel",
  "templates",
];
const catalogue = (language: Language, section: string) => files[`../src/i18n/${language}/${section}.ts`] ?? {};

const parameters = (text: string) => new Set(Array.from(text.matchAll(/\{(\w+)\}/g), (match) => match[1]));
const forms = (message: Message) => (typeof message === "string" ? [message] : Object.values(message));
const allParameters = (message: Message) => new Set(forms(message).flatMap((text) => [...parameters(text)]));

afterEach(() => load("en", [common]));

describe.each(sections.flatMap((section) => LANGUAGES.map((language) => [section, language] as const)))(
  "%s in %s",
  (section, language) => {
    const english = catalogue("en", section);
    const translated = catalogue(language, section);

    test("has every message, and no other", () => {
      expect(Object.keys(translated).sort()).toEqual(Object.keys(english).sort());
      expect(Object.keys(english).length).toBeGreaterThan(5);
    });

    test("has every plural form that the language needs", () => {
      const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories.slice().sort();
      for (const [key, message] of Object.entries(translated)) {
        if (typeof message !== "string") expect(Object.keys(message).sort(), key).toEqual(needed);
      }
    });

    test("has the parameters of the English message in each form; only the number may go without saying", () => {
      for (const [key, message] of Object.entries(translated)) {
        const wanted = allParameters(english[key] ?? "");
        for (const text of forms(message)) {
          const given = parameters(text);
          for (const name of wanted) if (name !== "n") expect([...given], `${key}: ${text}`).toContain(name);
          for (const name of given) expect([...wanted], `${key}: ${text}`).toContain(name);
        }
      }
    });

    test("says nothing twice over and shouts nowhere", () => {
      for (const [key, message] of Object.entries(translated)) {
        for (const text of forms(message)) {
          // Paragraphs of a mail stand apart by an empty line.
          expect(text, key).not.toMatch(/!|[^\S\n]{2}|(?<!\n)\n(?!\n)|\n{3}|^\s|\s$/);
          expect(text, key).not.toBe("");
        }
      }
    });
  },
);

test("every message is said somewhere", () => {
  const pages = import.meta.glob(
    [
      "../src/**/*.{ts,tsx}",
      "!../src/i18n/*/*.ts",
      "../../../panel/**/*.{ts,tsx}",
      "../../../../hub/dashboard/{src,gallery}/**/*.{ts,tsx}",
    ],
    { query: "?raw", import: "default", eager: true },
  ) as Record<string, string>;
  const source = Object.values(pages).join("\n");
  // A key that is put together: t(`status.${row.status}`).
  const beginnings = Array.from(source.matchAll(/`([\w.]+\.)\$\{/g), (match) => match[1] ?? "");
  const silent = sections
    .flatMap((section) => Object.keys(catalogue("en", section)))
    .filter((key) => !source.includes(`"${key}"`) && !beginnings.some((beginning) => key.startsWith(beginning)));
  expect(silent).toEqual([]);
});

test("a sentence takes its plural form by the language's own rules", async () => {
  await load("ar", [common]);
  expect([0, 1, 2, 3, 11, 100].map((n) => t("attachments", { n }))).toEqual([
    "لا ملفات",
    "ملف واحد",
    "ملفان",
    "3 ملفات",
    "11 ملفًا",
    "100 ملف",
  ]);
  expect(direction.value).toBe("rtl");
  await load("nl", [common]);
  expect(t("attachments", { n: 1 })).toBe("1 bestand");
  expect(direction.value).toBe("ltr");
});

test("a value is put in as it is, also when it looks like a parameter", async () => {
  await load("en", [common]);
  expect(t("typing.two", { first: "{second}", second: "$& <b>" })).toBe("{second} and $& <b> are typing");
});

test("pieces of a rich sentence come back in the language's own order", async () => {
  await loadLanguage("fr");
  const name = { bold: "Anne" };
  expect(rich("line.closed", { by: name })).toEqual([name, " a fermé la conversation"]);
  expect(dashboard("row.you", { text: "oui" })).toBe("Vous\u00a0: oui");
});

test("the first language that is spoken here is taken", () => {
  expect(pickLanguage(["de-DE", "no", "en"])).toBe("nb");
  expect(pickLanguage(["fr-CA"])).toBe("fr");
  expect(pickLanguage(["ar-EG"])).toBe("ar");
  expect(pickLanguage(["ja"])).toBe("en");
  expect(pickLanguage([])).toBe("en");
});

test("sizes are said in the reader's units", async () => {
  await load("en", [common]);
  expect([0, 999, 1_000, 1_440_000, 25_000_000].map(bytes)).toEqual([
    "0 bytes",
    "999 bytes",
    "1 kB",
    "1.4 MB",
    "25 MB",
  ]);
});
