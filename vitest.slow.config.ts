import { defineConfig } from "vitest/config";

/** Suites that take minutes or need a package registry; each has a script of its own. `npm test` leaves them out. */
export default defineConfig({
  test: {
    include: [
      "test/tickets/**/*.test.ts",
      "test/deploy/**/*.test.ts",
      "test/chaos/**/*.test.ts",
      "test/injection/**/*.test.ts",
    ],
    globalSetup: ["test/support/postgres.ts"],
    setupFiles: ["test/support/setup.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
