/** The panel: the frame's document, `dist/panel/`, served under `/widget/panel`. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

/** The words' modules have nothing to preload; Vite's helper for it would be 3 % of the panel. */
const withoutPreload: Plugin = {
  name: "without-preload",
  enforce: "pre",
  load: {
    filter: { id: /vite\/preload-helper/ },
    handler: () => "export const __vitePreload = (load) => load();",
  },
};

/** The panel's own source: every key of a catalogue that it shows stands in it as a string. */
const source = readdirSync("panel", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => readFileSync(join("panel", name), "utf8"))
  .concat(readFileSync("packages/ui/src/time/index.ts", "utf8"))
  .join();

// A key put together at run time would be taken out with its words, and the visitor would read the key.
if (/\bt\(`/.test(source)) throw new Error("The panel's words are asked for by whole keys: t(`…`) loses them.");

/** Takes the sentences of one line out of `common` that the panel never says: most are the dashboard's. */
const withoutUnusedWords: Plugin = {
  name: "without-unused-words",
  enforce: "pre",
  transform: {
    filter: { id: /i18n\/\w+\/common\.ts$/ },
    handler: (code) =>
      code.replace(/^ {2}"?([\w.]+)"?: ".*",\n/gm, (line, key) => (source.includes(`"${key}"`) ? line : "")),
  },
};

/** Takes the design tokens out that neither the panel's styles nor its script name: half of them are the dashboard's. */
const withoutUnusedTokens: Plugin = {
  name: "without-unused-tokens",
  generateBundle(_, bundle) {
    const scripts = Object.values(bundle).flatMap((part) => (part.type === "chunk" ? [part.code] : []));
    for (const part of Object.values(bundle)) {
      if (part.type !== "asset" || !part.fileName.endsWith(".css")) continue;
      let css = String(part.source);
      for (let before = ""; before !== css; ) {
        before = css;
        const used = (name: string) => before.includes(`var(${name})`) || scripts.some((code) => code.includes(name));
        css = before
          .replace(/(--sb-[\w-]+):[^;}]*(;|(?=\}))/g, (all, name: string) => (used(name) ? all : ""))
          // What is left without a declaration.
          .replace(/[^{}]*\{\}/g, "");
      }
      part.source = css;
    }
  },
};

export default defineConfig({
  root: "panel",
  base: "/widget/panel/",
  publicDir: false,
  plugins: [withoutPreload, withoutUnusedWords, withoutUnusedTokens],
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
  },
});
