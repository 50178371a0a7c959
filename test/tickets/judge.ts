/** What must hold of every run of the public tickets, whoever plans: no wrong record, every effect once, money balanced. */
import { writeSync } from "node:fs";
import { describe, expect, inject, onTestFinished } from "vitest";
import { freshSchema, runSql } from "../support/database.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { retailIsThere, runRetail, type TicketEnd } from "./run-tickets.ts";

export const calm = { model: 0, tool: 0, payment: 0 };
export const stormy = { model: 0.2, tool: 0.2, payment: 0.1 };

/** Seeds of the faults; TICKET_SEEDS=1 runs one of them, for a machine with less time. */
export const seeds = (process.env.TICKET_SEEDS ?? "1,2,3").split(",").map(Number);

type Place = () => Promise<{ databaseUrl: string; dataDir?: string; schema: string }>;

/** @param suite - Gets a fresh place for each run: a schema of the tests' own Postgres, else a folder for an embedded one. */
export function describeRetail(name: string, suite: (place: Place) => void): void {
  const skipped = " (skipped: tau-bench-retail is not beside the project, and TAU_BENCH_DIR is not set)";
  describe.skipIf(!retailIsThere)(
    `500 public tickets: ${name}${retailIsThere ? "" : skipped}`,
    { timeout: 1_200_000 },
    () =>
      suite(async () => {
        const schema = freshSchema();
        const databaseUrl = inject("postgresUrl");
        if (databaseUrl === null) return { databaseUrl: "", dataDir: await temporaryFolder(), schema };
        onTestFinished(() => runSql(databaseUrl, `DROP SCHEMA "${schema}" CASCADE`));
        return { databaseUrl, schema };
      }),
  );
}

export async function judged(options: Parameters<typeof runRetail>[0]): Promise<TicketEnd[]> {
  const started = performance.now();
  const { ends, doubled, lost, moneyBalanced } = await runRetail(options);
  const count = (records: TicketEnd["records"]) => ends.filter((end) => end.records === records).length;
  const faults = ends.reduce((sum, { report }) => sum + report.faultList.length, 0);
  const effects = ends.reduce((sum, { report }) => sum + report.effects.length, 0);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  // Straight to the terminal: the suite's recorder takes all other output for a defect.
  writeSync(
    1,
    `${options.scripted ? "scripted" : "rules"}, seed ${options.seed}: ${count("expected")} as expected, ${count("unchanged")} unchanged, ${count("wrong")} wrong; ${faults} faults, ${effects} effects, ${seconds} s\n`,
  );

  expect(ends.filter(({ records }) => records === "wrong").map(({ id }) => id)).toEqual([]);
  const notOnce = ends.flatMap(({ id, report }) =>
    report.effects.flatMap(({ key, timesRun }) => (timesRun === 1 ? [] : [`${id}: ${key}`])),
  );
  expect({ notOnce, doubled, lost, moneyBalanced }).toEqual({
    notOnce: [],
    doubled: 0,
    lost: 0,
    moneyBalanced: true,
  });
  // Every fault says its category and where it ended.
  expect(
    ends.flatMap(({ report }) => report.faultList).filter(({ category, end }) => !category || end === ""),
  ).toEqual([]);
  return ends;
}

export const asExpected = (ends: readonly TicketEnd[]): number =>
  ends.filter(({ records }) => records === "expected").length;
