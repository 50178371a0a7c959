/** The 500 public tickets of tau-bench retail, with and without faults, on both engines. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { retailIsThere } from "../../test/tickets/run-tickets.ts";
import { inChild } from "../child.ts";
import type { Section } from "../section.ts";
import { startBenchServer } from "../server.ts";
import type { RunFigures, RunRequest } from "./one-run.ts";

interface TicketRow extends RunFigures {
  readonly engine: string;
  readonly faults: string;
}

const weathers = [
  { name: "none", faults: { model: 0, tool: 0, payment: 0 } },
  { name: "model 20 %, tool 20 %, payment 10 %", faults: { model: 0.2, tool: 0.2, payment: 0.1 } },
];
const seed = 1;

export const tickets: Section<readonly TicketRow[]> = {
  name: "tickets",
  heading: "The 500 public tickets of tau-bench retail",
  measure,
  render: (
    rows,
  ) => `The model is the stand-in: rules, not a model. Its share of right ends says that the machinery loses and doubles
nothing; it says nothing about a model. 16 tickets at work at a time, one process, seed ${seed}; ms are from the first
superstep to the last, waits included.

| database | faults | records as expected | wrong | faults met | effects | s | tickets/s | median ms | p95 ms | peak memory, MB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map(rendered).join("\n")}`,
};

async function measure(say: (line: string) => void): Promise<TicketRow[] | undefined> {
  if (!retailIsThere) {
    say("tau-bench-retail is not beside the project, and TAU_BENCH_DIR is not set");
    return undefined;
  }
  const server = await startBenchServer();
  const engines = [
    { name: "embedded (PGlite)", url: "" },
    ...(server === undefined ? [] : [{ name: "Postgres, fsync on", url: server.url }]),
  ];
  const rows: TicketRow[] = [];
  try {
    for (const { name: weather, faults } of weathers) {
      for (const { name: engine, url } of engines) {
        const dataDir = await mkdtemp(join(tmpdir(), "faultline-bench-"));
        say(`500 tickets on ${engine}, faults: ${weather} …`);
        const request: RunRequest = {
          databaseUrl: url,
          dataDir,
          schema: `tickets_${rows.length}`,
          faults,
          seed,
        };
        const figures = await inChild<RunFigures>("bench/tickets/one-run.ts", request).finally(() =>
          rm(dataDir, { recursive: true, force: true }),
        );
        say(`  ${figures.seconds.toFixed(0)} s, ${figures.asExpected} as expected, ${figures.wrong} wrong`);
        rows.push({ engine, faults: weather, ...figures });
      }
    }
  } finally {
    await server?.stop();
  }
  return rows;
}

function rendered(row: TicketRow): string {
  const cells = [
    row.engine,
    row.faults,
    `${row.asExpected} of ${row.tickets}`,
    row.wrong,
    row.faultsMet,
    row.effects,
    row.seconds.toFixed(0),
    (row.tickets / row.seconds).toFixed(1),
    row.medianMs.toFixed(0),
    row.p95Ms.toFixed(0),
    row.peakMb.toFixed(0),
  ];
  return `| ${cells.join(" | ")} |`;
}
