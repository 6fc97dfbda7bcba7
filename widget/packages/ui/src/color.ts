// Just enough colour science for contrast: OKLCH to and from sRGB (Björn Ottosson, "A perceptual color space for image
// processing"), and the contrast ratio of WCAG 2.2, success criterion 1.4.3.

/** Red, green and blue, 0 to 1 each, as the screen is told them. */
export type Rgb = readonly [number, number, number];

/** Lightness 0 to 1, chroma, hue in degrees. */
export interface Oklch {
  readonly l: number;
  readonly c: number;
  readonly h: number;
}

const linear = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const encoded = (v: number) => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
const clamped = (v: number) => Math.min(1, Math.max(0, v));

/** What is outside sRGB is cut off, as a browser on an sRGB screen does. */
export function toRgb({ l, c, h }: Oklch): Rgb {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    clamped(encoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short)),
    clamped(encoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short)),
    clamped(encoded(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short)),
  ];
}

export function toOklch(rgb: Rgb): Oklch {
  const [r, g, b] = rgb.map(linear) as unknown as [number, number, number];
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const l = 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short;
  const a = 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short;
  const bb = 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short;
  return { l, c: Math.hypot(a, bb), h: ((Math.atan2(bb, a) * 180) / Math.PI + 360) % 360 };
}

/** `#rrggbb`; undefined if it is not one. */
export function fromHex(hex: string): Rgb | undefined {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (match === null) return undefined;
  const channel = (i: number) => Number.parseInt(match[i] ?? "0", 16) / 255;
  return [channel(1), channel(2), channel(3)];
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map(linear) as unknown as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** 1 to 21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
