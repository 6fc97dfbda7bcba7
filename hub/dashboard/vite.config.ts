import { defineConfig } from "vite";
import { emoji } from "./scripts/emoji.mjs";

/** The hub that `npm run dev` talks to. */
const HUB = process.env.SWITCHBOARD_HUB ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [emoji()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: { target: "es2022", cssTarget: "chrome123", modulePreload: { polyfill: false } },
  server: {
    proxy: {
      "/api": { target: HUB, changeOrigin: false },
      "/ws": { target: HUB, ws: true },
      "/widget": HUB,
    },
  },
});
