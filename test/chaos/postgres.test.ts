/** The short form of `npm run chaos -- postgres`, on a server of its own: the suite's must stay up. */
import { writeSync } from "node:fs";
import { expect, inject, onTestFinished, test } from "vitest";
import { describePostgres } from "../support/database.ts";
import { startPostgresServer } from "../support/postgres-server.ts";
import { postgresChaos } from "./postgres-chaos.ts";

describePostgres("restarts of Postgres", () => {
  test("300 runs on 50 threads end right, each effect once, though the server goes three times", async () => {
    const server = await startPostgresServer();
    if (server === undefined) throw new Error("no Postgres binaries found (initdb and postgres)");
    onTestFinished(() => server.stop());
    const seed = inject("seed");
    const end = await postgresChaos({
      server,
      seed,
      threads: 50,
      runs: 300,
      restartEvery: [1000, 2000],
      longestDownMs: 1000,
      leastRestarts: 3,
      say: () => {},
    });
    // Straight to the terminal: the suite's recorder takes all other output for a defect.
    writeSync(1, `seed ${seed}: ${end.runs} runs, ${end.restarts} restarts, ${end.resumed} resumed\n`);
    expect(end.problems).toEqual([]);
    expect(end.runs).toBeGreaterThanOrEqual(300);
    expect(end.restarts).toBeGreaterThanOrEqual(3);
    expect(end.resumed).toBeGreaterThan(0);
  }, 120_000);
});
