/** Made by `scripts/emoji.mjs`, one for each language. */
declare module "virtual:emoji/*" {
  /** The emoji, its name, words by which it is found, its group, and one for each of five skin tones. */
  export const rows: readonly (readonly [string, string, string, number, (readonly string[])?])[];
}
