/** `npm run chaos`: see docs/chaos.md. Ends with 1 when anything was lost, doubled, wrong or stuck. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { startPostgresServer, type TestServer } from "../support/postgres-server.ts";
import { retailIsThere } from "../tickets/run-tickets.ts";
import { deskChaos } from "./desk-chaos.ts";
import { postgresChaos } from "./postgres-chaos.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, kills: { type: "string" }, runs: { type: "string" } },
});
const started = performance.now();
const say = (line: string) =>
  void process.stdout.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
const whole = (text: string | undefined, otherwise: number): number => {
  const number = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new RangeError(`${text} is not a whole number above 0`);
};

const seed = whole(values.seed, randomInt(1, 2 ** 31));
say(`seed ${seed}: npm run chaos -- ${[...positionals, `--seed ${seed}`].join(" ")} repeats it`);
const problems = positionals[0] === "postgres" ? await postgres() : await desk();
for (const problem of problems) say(`WRONG: ${problem}`);
say(problems.length === 0 ? "nothing lost, nothing twice" : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

async function desk(): Promise<readonly string[]> {
  if (!retailIsThere) {
    say("skipped: tau-bench-retail is not beside the project, and TAU_BENCH_DIR is not set");
    return [];
  }
  return withServer(async ({ url }) => {
    const end = await deskChaos({ databaseUrl: url, seed, kills: whole(values.kills, 1000), say });
    say(`kills: ${counted(end.kills)}`);
    return end.problems;
  });
}

function postgres(): Promise<readonly string[]> {
  return withServer(async (server) => {
    const end = await postgresChaos({
      server,
      seed,
      threads: 50,
      runs: whole(values.runs, 5000),
      restartEvery: [5000, 10_000],
      longestDownMs: 2000,
      leastRestarts: 3,
      say,
    });
    say(`${end.runs} runs, ${end.restarts} restarts, ${end.resumed} runs rejected and gone on with`);
    say(`rejected for: ${counted(end.reasons)}`);
    return end.problems;
  });
}

async function withServer(
  work: (server: TestServer) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const server = await startPostgresServer();
  if (server === undefined) return ["no Postgres binaries found (initdb and postgres)"];
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

function counted(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, count]) => `${count} ${what}`).join(", ");
}
