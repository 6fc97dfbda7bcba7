/** The panel: the frame's document, `dist/panel/`, served under `/widget/panel`. */

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

/**
 * What is loaded later has nothing to preload, and comes only from the entry, which need not be fetched before it again;
 * Vite's helper for it would be 3 % of the panel.
 */
const withoutPreload: Plugin = {
  name: "without-preload",
  enforce: "pre",
  load: {
    filter: { id: /vite\/preload-helper/ },
    handler: () => "export const __vitePreload = (load) => load();",
  },
  renderChunk: (code) =>
    code
      .replace(/__vitePreload\(\(\) => (import\([^)]*\)), __VITE_PRELOAD__\)/g, "$1")
      .replace(/^import "\.\/index-[^"]*";/, ""),
};

/** The panel's own source: every key of a catalogue that it shows stands in it as a string. */
const source = readdirSync("panel", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(join("panel", name), "utf8"))
  .concat(readFileSync("packages/ui/src/time/index.ts", "utf8"))
  .join();

// A key put together at run time would be taken out with its words, and the visitor would read the key.
if (/\bt\(`/.test(source)) throw new Error("The panel's words are asked for by whole keys: t(`…`) loses them.");

/** What stands for the keys that the panel uses: they come twice, with the words and where these are said. */
const shortKeys = new Map(
  ["common", "panel", "bots"]
    .flatMap((section) => [
      ...readFileSync(`packages/ui/src/i18n/en/${section}.ts`, "utf8").matchAll(/^ {2}("\w+\.\w+"):/gm),
    ])
    .map(([, key = ""]) => key)
    // The styles know what waits by its key.
    .filter((key) => source.includes(key) && key !== '"delivery.waiting"')
    .map((key, place) => [key, `"${(place + 10).toString(36)}"`]),
);

/** Takes the sentences out of `common` that the panel never says (most are the dashboard's), and shortens the keys. */
const withLeanWords: Plugin = {
  name: "with-lean-words",
  enforce: "pre",
  transform: {
    filter: { id: /\.tsx?$/ },
    handler(code, id) {
      const said = /i18n\/\w+\/common\.ts$/.test(id)
        ? code.replace(/^ {2}"?([\w.]+)"?:\s+(?:".*"|\{ .* \}|\{\n(?: {4}.*\n)+ {2}\}),\n/gm, (line, key) =>
            source.includes(`"${key}"`) ? line : "",
          )
        : code;
      return said.replace(/"\w+\.\w+"/g, (key) => shortKeys.get(key) ?? key);
    },
  },
};

/**
 * Takes the design tokens out that the panel does not name (half of them are the dashboard's), and writes those out that
 * are longer as a name than as what they stand for. Here and not in the bundle, so that files' names tell of it.
 */
function leanStyles(): Map<string, string> {
  const TOKENS = "packages/ui/src/tokens.css";
  const sheets = readdirSync("panel", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".css"));
  const lean = new Map(
    [TOKENS, ...sheets.map((name) => join("panel", name))].map((path) => [
      resolve(path),
      readFileSync(path, "utf8").replace(/\/\*.*?\*\//gs, ""),
    ]),
  );
  const tokens = () => lean.get(resolve(TOKENS)) ?? "";
  const used = (name: string) =>
    source.includes(name) || [...lean.values()].some((css) => css.includes(`var(${name})`));
  /** The next one that may go: a step changes what others stand for. */
  const next = () => {
    const all = [...lean.values()].join();
    const declared = [...tokens().matchAll(/(--sb-[\w-]+):\s*([^;}]*);/g)];
    return declared.find(([, name = "", value = ""]) => {
      // What the script sets, or another theme or wish, is known only on the page.
      if (source.includes(name) || declared.filter((each) => each[1] === name).length > 1) return false;
      const use = `var(${name})`;
      return all.split(use).length <= 2 || value.length <= use.length;
    });
  };
  for (let one = next(); one; one = next()) {
    const [whole, name, value = ""] = one;
    for (const [path, css] of lean) lean.set(path, css.replace(whole, "").replaceAll(`var(${name})`, value));
  }
  // Tokens of another theme or wish only, then what is left without a declaration.
  const empty = /[^{};]*\{\s*\}/g;
  let rest = tokens().replace(/(--sb-[\w-]+):[^;}]*;/g, (all, name: string) => (used(name) ? all : ""));
  while (empty.test(rest)) rest = rest.replace(empty, "");
  lean.set(resolve(TOKENS), rest);
  return lean;
}

const withLeanStyles: Plugin = {
  name: "with-lean-styles",
  enforce: "pre",
  transform: {
    filter: { id: /\.css(\?|$)/ },
    handler(_, id) {
      styles ??= leanStyles();
      return styles.get(id.replace(/\?.*/, ""));
    },
  },
};
let styles: Map<string, string> | undefined;

export default defineConfig({
  root: "panel",
  base: "/widget/panel/",
  publicDir: false,
  plugins: [withoutPreload, withLeanWords, withLeanStyles],
  oxc: {
    // `h` comes with `render`; the automatic runtime would be a second one beside it.
    jsx: { runtime: "classic", pragma: "h", pragmaFrag: "Fragment" },
    jsxInject: 'import { Fragment, h } from "preact"',
  },
  build: {
    outDir: "../dist/panel",
    emptyOutDir: true,
    target: "es2023",
    // These know light-dark() and color-mix(); for older ones the tokens would have to be written out twice over.
    cssTarget: ["chrome123", "firefox121", "safari17.5"],
    modulePreload: false,
    assetsInlineLimit: 0,
    // What several parts need comes with the panel, which each of them needs as well; by itself it would be one more request.
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "index", test: /preact|panel.main/ }] } },
    },
  },
});
