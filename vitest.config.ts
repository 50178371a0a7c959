import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/tickets/**", "test/deploy/**", "test/chaos/**", "test/injection/**"],
    setupFiles: ["test/support/setup.ts"],
    globalSetup: ["test/support/postgres.ts", "test/support/bundles.ts"],
    // Vitest would leave a core to itself: with two, half of them.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
