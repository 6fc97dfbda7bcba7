/** The built widget in a real browser (`npm run browser`). `CHROMIUM` names another one than /usr/bin/chromium. */

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/browser/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    fileParallelism: false,
    // A page may be slow on a busy machine; what never comes is not worth more than this.
    expect: { poll: { timeout: 15_000 } },
  },
});
