/** Of this package alone: without it the nearest configuration above is the widget's. */

import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["test/**/*.test.{ts,tsx}"] } });
