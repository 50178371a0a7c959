/**
 * `npm run bench`: measures, and writes docs/results.md. Not a test: machines are noisy, so figures are compared side
 * by side within one run, and nothing fails for being slow.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { startPostgresServer } from "../test/support/postgres-server.ts";
import { retailIsThere } from "../test/tickets/run-tickets.ts";
import type { RunFigures, RunRequest } from "./one-run.ts";
import { startTimes } from "./start-time.ts";

const root = resolve(fileURLToPath(new URL("..", import.meta.url)));
const weathers = [
  { name: "none", faults: { model: 0, tool: 0, payment: 0 } },
  { name: "model 20 %, tool 20 %, payment 10 %", faults: { model: 0.2, tool: 0.2, payment: 0.1 } },
];
const seed = 1;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function measured(request: RunRequest): Promise<RunFigures> {
  return new Promise((done, failed) => {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", join(root, "bench/one-run.ts"), JSON.stringify(request)],
      {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on("error", failed);
    child.on("exit", (code) => {
      if (code === 0) done(JSON.parse(out.trim().split("\n").at(-1) ?? "") as RunFigures);
      else failed(new Error(`one-run.ts ended with ${code}`));
    });
  });
}

async function ticketRows(): Promise<string[]> {
  const server = await startPostgresServer();
  const engines = [
    { name: "embedded (PGlite)", url: "" },
    ...(server === undefined ? [] : [{ name: "Postgres, fsync on", url: server.url }]),
  ];
  const rows: string[] = [];
  try {
    for (const { name: weather, faults } of weathers) {
      for (const { name: engine, url } of engines) {
        const dataDir = await mkdtemp(join(tmpdir(), "faultline-bench-"));
        say(`500 tickets on ${engine}, faults: ${weather} …`);
        const request = { databaseUrl: url, dataDir, schema: `bench_${rows.length}`, faults, seed };
        const f = await measured(request).finally(() => rm(dataDir, { recursive: true, force: true }));
        say(`  ${f.seconds.toFixed(0)} s, ${f.asExpected} as expected, ${f.wrong} wrong`);
        rows.push(
          `| ${engine} | ${weather} | ${f.asExpected} of ${f.tickets} | ${f.wrong} | ${f.faultsMet} | ${f.effects} | ${f.seconds.toFixed(0)} | ${(f.tickets / f.seconds).toFixed(1)} | ${f.medianMs.toFixed(0)} | ${f.p95Ms.toFixed(0)} | ${f.peakMb.toFixed(0)} |`,
        );
      }
    }
  } finally {
    await server?.stop();
  }
  return rows;
}

const starts = await startTimes(root, say);
const rows = retailIsThere ? await ticketRows() : [];
const tickets = retailIsThere
  ? `The model is the stand-in: rules, not a model. Its share of right ends says that the machinery loses and doubles
nothing; it says nothing about a model. 16 tickets at work at a time, one process, seed ${seed}; ms are from the first
superstep to the last, waits included.

| database | faults | records as expected | wrong | faults met | effects | s | tickets/s | median ms | p95 ms | peak memory, MB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}`
  : "Not measured: tau-bench-retail is not beside the project, and TAU_BENCH_DIR is not set.";

await writeFile(
  join(root, "docs/results.md"),
  `# Results

Written by \`npm run bench\`, never by hand. Measured on ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}.
All figures on this page are this project's own.

## From \`npm start\` to the first ticket

| start | s |
| --- | --- |
| first, on an empty data folder | ${starts.first.toFixed(1)} |
| second | ${starts.second.toFixed(1)} |

## The 500 public tickets of tau-bench retail

${tickets}
`,
);
say("written to docs/results.md");
