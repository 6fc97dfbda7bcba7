import { defineConfig } from "vitest/config";

/** What is measured in a browser, against a hub of the release build: `./dev bench browser`. Never part of the tests. */
export default defineConfig({
  test: {
    include: ["measures/*.measure.ts"],
    pool: "forks",
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
  },
});
