/**
 * Vitest's global setup: a real Postgres for the whole run, and the run's seed.
 *
 * TEST_DATABASE_URL names a server to use instead. Without either, tests on a real Postgres are skipped,
 * except under CI, where the run fails.
 */
import { randomInt } from "node:crypto";
import type { TestProject } from "vitest/node";
import { startPostgresServer } from "./postgres-server.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Null when there is no real Postgres to test on. */
    postgresUrl: string | null;
    seed: number;
  }
}

export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const say = (line: string) => project.vitest.logger.log(line);

  const seed = Number(process.env.TEST_SEED ?? randomInt(2 ** 31));
  project.provide("seed", seed);
  say(`seed ${seed} (TEST_SEED=${seed} npm test repeats it)`);

  const given = process.env.TEST_DATABASE_URL;
  if (given) {
    project.provide("postgresUrl", given);
    say("Postgres: the server of TEST_DATABASE_URL");
    return undefined;
  }
  // Only a machine that loses its power would show the difference.
  const server = await startPostgresServer({ fsync: false });
  project.provide("postgresUrl", server?.url ?? null);
  if (server !== undefined) {
    say(`Postgres: ${server.version}, started for this run`);
    return server.stop;
  }
  const missing = "no Postgres binaries found (initdb and postgres), and TEST_DATABASE_URL is not set";
  if (process.env.CI) throw new Error(`Under CI the suite needs a real Postgres: ${missing}.`);
  say(`Tests on a real Postgres are skipped: ${missing}`);
  return undefined;
}
