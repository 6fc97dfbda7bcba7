// A site's own accent. From one colour come the fill, the words on it, the words in it and the soft ground, for both
// themes, each as readable as the tokens' own; and the neutrals take its hue.

import { contrast, fromHex, type Oklch, type Rgb, toOklch, toRgb } from "./color";

const WHITE: Rgb = [1, 1, 1];
const BLACK: Rgb = [0, 0, 0];
/** The least favourable grounds that words in the accent stand on: the light theme's darkest, the dark theme's lightest. */
const LIGHT_GROUND = toRgb({ l: 0.94, c: 0.02, h: 0 });
const DARK_GROUND = toRgb({ l: 0.29, c: 0.03, h: 0 });
const TEXT_CONTRAST = 4.5;
/** More colour than this glares on a dark ground. */
const DARK_CHROMA = 0.11;
const STEP = 0.01;

const css = ({ l, c, h }: Oklch) => `oklch(${l.toFixed(3)} ${c.toFixed(3)} ${h.toFixed(1)})`;

/** The same colour, darker or lighter until its words can be read on that ground. */
function readable(colour: Oklch, ground: Rgb, step: number): Oklch {
  let l = colour.l;
  while (l > 0 && l < 1 && contrast(toRgb({ ...colour, l }), ground) < TEXT_CONTRAST) l += step;
  return { ...colour, l };
}

/** The custom properties to set on the page's root for this accent, `#rrggbb`; none if it is not a colour. */
export function accentTokens(hex: string): Readonly<Record<`--sb-${string}`, string>> {
  const rgb = fromHex(hex);
  if (rgb === undefined) return {};
  const own = toOklch(rgb);
  const on = contrast(rgb, WHITE) >= TEXT_CONTRAST ? WHITE : contrast(rgb, BLACK) >= TEXT_CONTRAST ? BLACK : WHITE;
  const dark = { ...own, c: Math.min(own.c, DARK_CHROMA) };
  const text = `light-dark(${css(readable(own, LIGHT_GROUND, -STEP))}, ${css(readable(dark, DARK_GROUND, STEP))})`;
  return {
    "--sb-hue": own.h.toFixed(1),
    "--sb-accent": hex,
    // Away from the words on it, so that they stay readable.
    "--sb-accent-hover": `color-mix(in oklch, ${hex} 90%, ${on === WHITE ? "black" : "white"})`,
    "--sb-on-accent": on === WHITE ? "#ffffff" : "#000000",
    "--sb-accent-text": text,
    "--sb-accent-soft": `light-dark(${css({ ...own, l: 0.952, c: Math.min(own.c, 0.022) })}, ${css({ ...own, l: 0.265, c: Math.min(own.c, 0.055) })})`,
  };
}
