import { defineConfig } from "vitest/config";

/** A story is one test of many steps against real processes: minutes are a bound here, not an expectation. */
export default defineConfig({
  test: {
    include: ["stories/**/*.test.ts", "conformance/**/*.test.ts"],
    // Each file is a process, so that what one leaves behind (a browser, a server) ends with it.
    pool: "forks",
    // Two cores carry one browser with five people and two hubs; more at a time only makes each slower.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
