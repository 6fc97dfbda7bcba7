// What tokens.css promises, computed from tokens.css: words 4.5:1 and marks 3:1 on every ground they may stand on, in
// both themes.

import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { accentTokens } from "../src/accent";
import { contrast, fromHex, type Rgb, toRgb } from "../src/color";

const file = readFileSync(new URL("../src/tokens.css", import.meta.url), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
const defaultHue = Number(/--sb-hue:\s*([\d.]+)/.exec(file)?.[1]);

type Theme = "light" | "dark";
type Colours = ReadonlyMap<string, Rgb>;

function colour(text: string, hue: number): Rgb {
  const match = /oklch\(([\d.]+) ([\d.]+) (var\(--sb-hue\)|[\d.]+)\)/.exec(text);
  if (match === null) throw new Error(`not a colour that this test can read: ${text}`);
  return toRgb({ l: Number(match[1]), c: Number(match[2]), h: match[3]?.startsWith("var") ? hue : Number(match[3]) });
}

function coloursOf(css: string, theme: Theme, hue = defaultHue): Colours {
  const half = theme === "light" ? 2 : 3;
  const found = css.matchAll(/--sb-([\w-]+):\s*light-dark\((oklch\([^/;]*?\)), (oklch\([^/;]*?\))\);/g);
  return new Map(Array.from(found, (match) => [match[1] ?? "", colour(match[half] ?? "", hue)]));
}

const GROUNDS = ["ground", "surface", "raised", "hover", "selected"];
const MEANINGS = ["customer", "agent", "bot", "note", "success", "warning", "danger"];

function ratio(colours: Colours, one: string, other: string): number {
  const [a, b] = [colours.get(one), colours.get(other)];
  if (a === undefined || b === undefined) throw new Error(`tokens.css has no --sb-${a === undefined ? one : other}`);
  return contrast(a, b);
}

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const colours = coloursOf(file, theme);

  test.each(
    GROUNDS.flatMap((ground) =>
      ["text", "muted", "accent-text", ...MEANINGS.map((m) => `${m}-text`)].map((text) => [text, ground]),
    ),
  )("--sb-%s can be read on --sb-%s", (text, ground) =>
    expect(ratio(colours, text, ground)).toBeGreaterThanOrEqual(4.5),
  );

  test.each(GROUNDS.flatMap((ground) => ["edge", "accent", ...MEANINGS].map((mark) => [mark, ground])))(
    "--sb-%s can be made out on --sb-%s",
    (mark, ground) => expect(ratio(colours, mark, ground)).toBeGreaterThanOrEqual(3),
  );

  test.each([...MEANINGS, "accent"])("words and marks of --sb-%s hold on their own soft ground", (meaning) => {
    expect(ratio(colours, `${meaning}-text`, `${meaning}-soft`)).toBeGreaterThanOrEqual(4.5);
    expect(ratio(colours, "text", `${meaning}-soft`)).toBeGreaterThanOrEqual(4.5);
    expect(ratio(colours, meaning, `${meaning}-soft`)).toBeGreaterThanOrEqual(3);
  });

  test("words on fills can be read", () => {
    expect(ratio(colours, "text", "mark")).toBeGreaterThanOrEqual(4.5);
    expect(ratio(colours, "on-accent", "accent")).toBeGreaterThanOrEqual(4.5);
    expect(ratio(colours, "on-accent", "accent-hover")).toBeGreaterThanOrEqual(4.5);
    expect(ratio(colours, "on-danger", "danger")).toBeGreaterThanOrEqual(4.5);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])("initials can be read on --sb-face-%i", (n) => {
    expect(ratio(colours, "face-text", `face-${n}`)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(["#0a7d5a", "#ffcc00", "#d61f69", "#111111", "#7fb2ff"])("a site's accent %s can be read", (hex) => {
    const own = accentTokens(hex);
    const css = Object.entries(own)
      .map(([name, value]) => `${name}: ${value};`)
      .join("\n");
    const text = coloursOf(css, theme).get("accent-text") as Rgb;
    for (const ground of GROUNDS)
      expect(contrast(text, colours.get(ground) as Rgb), ground).toBeGreaterThanOrEqual(4.5);
    expect(contrast(fromHex(hex) as Rgb, fromHex(own["--sb-on-accent"] ?? "") as Rgb)).toBeGreaterThanOrEqual(4.5);
  });
});

test("no file of the package names a physical side, so that writing from the right mirrors all of it", () => {
  const styles = import.meta.glob("../src/**/*.css", { query: "?raw", import: "default", eager: true }) as Record<
    string,
    string
  >;
  const physical =
    /(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right|top|bottom)|left|right|top|bottom|width|height|text-align:\s*(?:left|right))\b\s*:/m;
  for (const [path, css] of Object.entries(styles)) expect(css.replace(/@media[^{]*/g, ""), path).not.toMatch(physical);
  expect(Object.keys(styles).length).toBeGreaterThan(20);
});
