/** The script of contact forms: one classic script, `dist/form.js`, beside the loader. */

import { defineConfig } from "vite";

export default defineConfig({
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: false,
    target: "es2022",
    modulePreload: false,
    lib: { entry: "form/main.ts", formats: ["iife"], name: "switchboardForm", fileName: () => "form.js" },
  },
});
