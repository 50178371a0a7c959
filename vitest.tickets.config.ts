import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/tickets/**/*.test.ts"],
    globalSetup: ["test/support/postgres.ts"],
    setupFiles: ["test/support/setup.ts"],
  },
});
