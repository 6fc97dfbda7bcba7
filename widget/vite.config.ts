/** The panel: the frame's document, `dist/panel/`, served under `/widget/panel`. */

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
        const used = (name: string) => before.includes(`var(${name}`) || scripts.some((code) => code.includes(name));
        css = before.replace(/(--sb-[\w-]+):[^;}]*(;|(?=\}))/g, (all, name: string) => (used(name) ? all : ""));
      }
      part.source = css;
    }
  },
};

export default defineConfig({
  root: "panel",
  base: "/widget/panel/",
  publicDir: false,
  plugins: [withoutPreload, withoutUnusedTokens],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
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
