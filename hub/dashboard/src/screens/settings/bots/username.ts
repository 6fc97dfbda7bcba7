/** What a bot is called in the Bot API: letters, digits and _, begun by a letter and ended by “bot”. Pure. */

/** As the hub takes it, characters. */
const SHORTEST = 5;
const LONGEST = 32;
const END = "_bot";

/** Letters that do not come apart into one of ours and its mark. */
const PLAIN: Readonly<Record<string, string>> = { æ: "ae", œ: "oe", ø: "o", ß: "ss", ł: "l", đ: "d", þ: "th" };

/** Made of its name; empty: there is nothing in it to make one of. */
export function usernameOf(name: string): string {
  const words = name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]/g, (letter) => PLAIN[letter] ?? "_")
    .replace(/_+/g, "_")
    .replace(/^[0-9_]+|_$/g, "");
  if (words === "") return "";
  if (words.endsWith("bot") && words.length >= SHORTEST && words.length <= LONGEST) return words;
  return words.slice(0, LONGEST - END.length).replace(/_$/, "") + END;
}
