import { defineConfig } from "vitest/config";

/** Runs in Chromium on the built pages: `npm run build` first. */
export default defineConfig({
  test: { include: ["tests/browser/**/*.story.ts"], testTimeout: 60_000, hookTimeout: 30_000, maxWorkers: 2 },
});
