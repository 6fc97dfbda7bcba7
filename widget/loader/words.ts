/** The loader's two labels in the panel's five languages; the panel's own catalogue would be too large here. */

export interface Words {
  open: string;
  close: string;
  /** The window's name, where it is not "Chat". */
  title?: string;
  rtl?: boolean;
}

const WORDS: Record<string, Words> = {
  en: { open: "Open chat", close: "Close chat" },
  nl: { open: "Chat openen", close: "Chat sluiten" },
  fr: { open: "Ouvrir le chat", close: "Fermer le chat" },
  nb: { open: "Åpne chat", close: "Lukk chat" },
  ar: { open: "افتح المحادثة", close: "أغلق المحادثة", title: "المحادثة", rtl: true },
};

export function words(languages: string[]): Words {
  for (const tag of languages) {
    const primary = tag.toLowerCase().split("-")[0] ?? "";
    const known = WORDS[primary === "no" || primary === "nn" ? "nb" : primary];
    if (known) return known;
  }
  return WORDS.en as Words;
}
