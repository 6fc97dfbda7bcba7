/** The emoji that there are, in the reader's language where the data has it, and which of them one uses. */
import type { Language } from "@switchboard/ui/i18n";
import { stored } from "../preferences";

type Row = typeof import("virtual:emoji/en")["rows"][number];

export interface Emoji {
  readonly sign: string;
  readonly name: string;
  /** In small letters: what it is found by. */
  readonly words: string;
  readonly group: number;
  readonly tones: readonly string[] | undefined;
}

/** As the data numbers them, without the parts of others. */
export const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const;
/** What one has used last stands before all groups. */
export const LATEST = -1;

const TONES = ["0", "1", "2", "3", "4", "5"] as const;
export type Tone = (typeof TONES)[number];
/** The skin tone that this person chose; 0: the yellow of all who chose none. */
export const tone = stored<Tone>("emoji-tone", TONES, "0");

/** The data has no Arabic: it is searched in English there. */
const DATA: Readonly<Record<Language, () => Promise<{ readonly rows: readonly Row[] }>>> = {
  en: () => import("virtual:emoji/en"),
  nl: () => import("virtual:emoji/nl"),
  fr: () => import("virtual:emoji/fr"),
  nb: () => import("virtual:emoji/nb"),
  ar: () => import("virtual:emoji/en"),
};

export async function loadEmoji(language: Language): Promise<readonly Emoji[]> {
  const { rows } = await DATA[language]();
  return rows.map(([sign, name, words, group, tones]) => ({
    sign,
    name,
    words: `${name} ${words}`.toLocaleLowerCase(),
    group,
    tones,
  }));
}

/** In the skin tone that was chosen, if it has any. */
export function toned({ sign, tones }: Emoji, chosen: Tone): string {
  return (chosen !== "0" && tones?.[Number(chosen) - 1]) || sign;
}

/** Every word must begin one of its words; those whose name begins with the first stand before the others. */
export function foundBy(all: readonly Emoji[], text: string): readonly Emoji[] {
  const wanted = text.toLocaleLowerCase().replace(/[:_]/gu, " ").split(/\s+/u).filter(Boolean);
  const [first] = wanted;
  if (first === undefined) return all;
  const begins = ({ words }: Emoji, word: string): boolean =>
    words.startsWith(word) || words.includes(` ${word}`) || words.includes(`_${word}`);
  const hits = all.filter((one) => wanted.every((word) => begins(one, word)));
  return [...hits.filter((one) => one.words.startsWith(first)), ...hits.filter((one) => !one.words.startsWith(first))];
}

const KEY = "switchboard.emoji-latest";
/** Two lines of them. */
const LATEST_MOST = 16;

export function latest(all: readonly Emoji[]): readonly Emoji[] {
  const bySign = new Map(all.map((one) => [one.sign, one]));
  return latestSigns().flatMap((sign) => bySign.get(sign) ?? []);
}

export function used({ sign }: Emoji): void {
  const next = [sign, ...latestSigns().filter((one) => one !== sign)].slice(0, LATEST_MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Forbidden storage: the next time begins with none.
  }
}

function latestSigns(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string").slice(0, LATEST_MOST) : [];
  } catch {
    return [];
  }
}
