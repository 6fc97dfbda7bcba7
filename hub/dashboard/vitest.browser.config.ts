import { defineConfig } from "vitest/config";

/** Runs in Chromium on the built pages: `npm run build` first. */
export default defineConfig({
  test: {
    include: ["tests/browser/**/*.story.ts"],
    testTimeout: 60_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // A page may be slow beside another; what never comes is not worth more than this.
    expect: { poll: { timeout: 15_000 } },
  },
});
