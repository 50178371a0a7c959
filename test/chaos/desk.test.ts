/** The short form of `npm run chaos`: what breaks under fifty kills breaks here before it does under a thousand. */
import { writeSync } from "node:fs";
import { expect, inject, test } from "vitest";
import { describePostgres } from "../support/database.ts";
import { retailIsThere } from "../tickets/run-tickets.ts";
import { deskChaos } from "./desk-chaos.ts";

const skipped = retailIsThere ? "" : " (skipped: tau-bench-retail is not beside the project)";

describePostgres("kill -9 of the desk", (databaseUrl) => {
  test.skipIf(!retailIsThere)(
    `50 kills lose nothing and double nothing${skipped}`,
    async () => {
      const seed = inject("seed");
      const end = await deskChaos({ databaseUrl, seed, kills: 50, say: () => {} });
      // Straight to the terminal: the suite's recorder takes all other output for a defect.
      for (const { line } of end.judgements) writeSync(1, `seed ${seed}: ${line}\n`);
      expect(end.problems).toEqual([]);
      const kills = [...end.kills.values()].reduce((sum, count) => sum + count, 0);
      expect(kills).toBeGreaterThanOrEqual(50);
      expect(end.kills.get("work")).toBeGreaterThan(0);
    },
    600_000,
  );
});
