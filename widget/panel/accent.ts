/**
 * The site's colour, made safe: words on it and in it stand out by 4.5:1 (WCAG 2.2, 1.4.3) in both themes. The shared
 * `@switchboard/ui/accent` also tints the greys, in OKLCH; its 700 bytes more would break the panel's budget.
 */

type Rgb = [number, number, number];

const RATIO = 4.5;
const BLACK: Rgb = [17, 17, 20];
const WHITE: Rgb = [255, 255, 255];
/** The tokens' dark surface and the lightest of the light grounds that words in the accent stand on. */
const DARK_GROUND: Rgb = [38, 38, 44];
const LIGHT_GROUND: Rgb = [243, 243, 246];
/** A step of mixing towards black or white; twenty of them reach it. */
const STEP = 0.05;

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function mix(from: Rgb, to: Rgb, part: number): Rgb {
  return from.map((channel, i) => Math.round(channel + ((to[i] ?? 0) - channel) * part)) as Rgb;
}

function readable(colour: Rgb, ground: Rgb, towards: Rgb): Rgb {
  let part = 0;
  while (part < 1 && contrast(mix(colour, towards, part), ground) < RATIO) part += STEP;
  return mix(colour, towards, Math.min(part, 1));
}

export function parse(text: string): Rgb | undefined {
  const found = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text);
  return found?.slice(1).map((hex) => Number.parseInt(hex, 16)) as Rgb | undefined;
}

const css = (colour: Rgb) => `rgb(${colour.join(" ")})`;

export function shades(accent: Rgb) {
  // White first: it is what people expect on a colour, and a shade darker is still the site's colour.
  const dark = mix(accent, BLACK, 0.15);
  const fill = contrast(accent, WHITE) >= RATIO ? accent : contrast(dark, WHITE) >= RATIO ? dark : accent;
  const onFill = contrast(fill, WHITE) >= RATIO ? WHITE : BLACK;
  return {
    fill,
    onFill,
    textLight: readable(fill, LIGHT_GROUND, BLACK),
    textDark: readable(fill, DARK_GROUND, WHITE),
  };
}

/** Puts the accent on the document and tells what the launcher should wear. */
export function wear(text: string, root: HTMLElement): { accent: string; onAccent: string } {
  const colour = parse(text) ?? [79, 70, 229];
  const { fill, onFill, textLight, textDark } = shades(colour);
  root.style.setProperty("--sb-accent", css(fill));
  root.style.setProperty("--sb-on-accent", css(onFill));
  root.style.setProperty("--sb-accent-text", `light-dark(${css(textLight)}, ${css(textDark)})`);
  return { accent: css(fill), onAccent: css(onFill) };
}
