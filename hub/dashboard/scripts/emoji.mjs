// The emoji of one language as a module, `virtual:emoji/nl`: what the picker shows and by which words it is found, and
// nothing else of the half a megabyte that the data set has for each.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const PREFIX = "virtual:emoji/";
/** Newer ones are empty boxes for many readers (Unicode Emoji 15.0 is of 2022). */
const NEWEST = 15;
/** Parts of other emoji (hair, skin) are none that one sends. */
const COMPONENT = 2;

/** Rows of `[emoji, name, words, group, one for each skin tone]`. */
function rowsOf(language) {
  const all = require(`emojibase-data/${language}/data.json`);
  const codes = require("emojibase-data/en/shortcodes/github.json");
  return all
    .filter(({ group, version }) => group !== undefined && group !== COMPONENT && version <= NEWEST)
    .sort((a, b) => a.order - b.order)
    .map(({ emoji, label, tags = [], hexcode, group, skins = [] }) => {
      const words = [...new Set([...tags, ...[codes[hexcode] ?? []].flat()])].join(" ");
      const tones = [1, 2, 3, 4, 5].flatMap((tone) => skins.find((one) => one.tone === tone)?.emoji ?? []);
      return tones.length === 5 ? [emoji, label, words, group, tones] : [emoji, label, words, group];
    });
}

export function emoji() {
  return {
    name: "emoji",
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined;
      const rows = JSON.stringify(JSON.stringify(rowsOf(id.slice(PREFIX.length + 1))));
      return `export const rows = JSON.parse(${rows});`;
    },
  };
}
