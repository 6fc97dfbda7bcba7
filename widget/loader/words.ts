/** The loader's two labels in the panel's five languages; the panel's own catalogue would be too large here. */

/** What the launcher does, closed and open; the window's name, where it is not "Chat" and is read from right to left. */
export type Words = [open: string, close: string, title?: string];

const nb: Words = ["Åpne chat", "Lukk chat"];
const WORDS: Record<string, Words> = {
  en: ["Open chat", "Close chat"],
  nl: ["Chat openen", "Chat sluiten"],
  fr: ["Ouvrir le chat", "Fermer le chat"],
  nb,
  no: nb,
  nn: nb,
  ar: ["افتح المحادثة", "أغلق المحادثة", "المحادثة"],
};

export function words(languages: string[]): Words {
  for (const tag of languages) {
    const known = WORDS[tag.slice(0, 2).toLowerCase()];
    if (known) return known;
  }
  return WORDS.en as Words;
}
