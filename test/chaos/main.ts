/** `npm run chaos`: see docs/chaos.md. Ends with 1 when anything was lost, doubled, wrong or stuck. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { startPostgresServer, type TestServer } from "../support/postgres-server.ts";
import { retailIsThere } from "../tickets/run-tickets.ts";
import { deskChaos } from "./desk-chaos.ts";
import { postgresChaos } from "./postgres-chaos.ts";

const defaults = { kills: 1000, runs: 5000 };
const { form, seed, count } = commandLine();
const started = performance.now();
const say = (line: string) =>
  void process.stdout.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);

if (form === "desk" && !retailIsThere) {
  say("skipped: tau-bench-retail is not beside the project, and TAU_BENCH_DIR is not set");
  process.exit(0);
}
const again = form === "postgres" ? `postgres --runs ${count}` : `--kills ${count}`;
say(`seed ${seed}: npm run chaos -- ${again} --seed ${seed} repeats it`);
const problems = form === "postgres" ? await postgres() : await desk();
for (const problem of problems) say(`WRONG: ${problem}`);
say(problems.length === 0 ? "nothing lost, nothing twice" : `${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);

function commandLine(): { form: "desk" | "postgres"; seed: number; count: number } {
  const text = { type: "string" } as const;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { seed: text, kills: text, runs: text },
    });
    const [form = "desk", ...more] = positionals;
    if (more.length > 0 || (form !== "desk" && form !== "postgres")) {
      throw new RangeError(`${positionals.join(" ")} is no form of chaos: write postgres, or nothing`);
    }
    const [own, other] = form === "postgres" ? (["runs", "kills"] as const) : (["kills", "runs"] as const);
    if (values[other] !== undefined) throw new RangeError(`--${other} is not for this form; --${own} is`);
    return {
      form,
      seed: whole("seed", values.seed, randomInt(1, 2 ** 31)),
      count: whole(own, values[own], defaults[own]),
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(2);
  }
}

/** @throws RangeError */
function whole(flag: string, text: string | undefined, otherwise: number): number {
  const number = text === undefined ? otherwise : Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new RangeError(`--${flag} must be a whole number above 0, got ${text}`);
}

async function desk(): Promise<readonly string[]> {
  return withServer(async ({ url }) => {
    const end = await deskChaos({ databaseUrl: url, seed, kills: count, say });
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
      runs: count,
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
