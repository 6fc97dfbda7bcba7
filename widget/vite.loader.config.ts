/** The loader: one classic script, `dist/widget.js`. */

import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    lib: { entry: "loader/main.ts", formats: ["iife"], name: "switchboardLoader", fileName: () => "widget.js" },
  },
});
