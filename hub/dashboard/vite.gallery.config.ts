// Builds the gallery beside the dashboard, as a page of its own, so that none of its code mixes with the product's.

import { defineConfig } from "vite";
import { emoji } from "./scripts/emoji.mjs";

export default defineConfig({
  plugins: [emoji()],
  root: import.meta.dirname,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2022",
    cssTarget: "chrome123",
    emptyOutDir: false,
    assetsDir: "gallery-assets",
    rollupOptions: { input: "gallery.html" },
  },
});
