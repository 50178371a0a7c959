/** `npm run hanoi`: reads the command line, builds the tower, and ends with its exit code. */
import { existsSync } from "node:fs";
import { inspect } from "node:util";
import { z } from "zod";
import {
  isCannotOpenError,
  isCheckpointDamagedError,
  isLeaseHeldError,
  isLeaseLostError,
  isPersistenceError,
  isStartUpError,
  openPersistence,
  type Persistence,
} from "#checkpoints/index.ts";
import { isFault } from "#src/faults/index.ts";
import { effects } from "#src/recovery/index.ts";
import { isFaultless } from "../judge.ts";
import { type LiveSettings, liveMover, liveSettings } from "../mover/live-mover.ts";
import { simulatedMover } from "../mover/simulated-mover.ts";
import { runTower } from "../run.ts";
import { shortestWay } from "../tower.ts";
import { type RunCommand, readCommand } from "./flags.ts";
import { help } from "./help.ts";
import { openProgress, type Progress } from "./progress.ts";
import { closingLines, openingLines, simulatedWords } from "./summary.ts";

// LangGraph makes a schema of its own for each update, and zod would compile each one: a tenth of a superstep's time.
z.config({ jitless: true });

type ExitCode = 0 | 1 | 2;

const print = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (line: string) => void process.stderr.write(`${line}\n`);

async function build(
  { thread, disks, settings, every }: RunCommand,
  model: LiveSettings | undefined,
  persistence: Persistence,
): Promise<ExitCode> {
  const who =
    model === undefined ? simulatedWords(settings) : `Model ${model.model}, ahead by ${settings.k}.`;
  const isStopped = stopRequests();
  let progress: Progress | undefined;
  let memory = { start: 0, peak: 0, end: 0 };
  const startedAt = performance.now();
  const end = await runTower(persistence, {
    thread,
    disks,
    settings,
    mover: model === undefined ? simulatedMover : liveMover(model, effects(persistence.ledger).recorded),
    isStopped,
    onStart(from) {
      for (const line of openingLines(thread, disks, from, who)) print(line);
      const total = shortestWay(disks);
      progress = openProgress({ output: process.stderr, from: from.moves, total, everyMs: every * 1000 });
    },
    onMove: ({ moves }) => progress?.moved(moves),
  }).finally(() => {
    memory = progress?.close() ?? memory;
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const checkpoints = await checkpointsOf(persistence, thread);
  for (const line of closingLines({ end, seconds, memory, checkpoints })) print(line);
  if (end.error !== undefined) complain(why(end.error));
  else if (isStopped()) complain(`Stopped. ${again}`);
  return isFaultless(disks, end.tower) ? 0 : 1;
}

/** A first Ctrl-C ends the run after its superstep, a second one at once; npm passes each on a second time. */
function stopRequests(): () => boolean {
  let at: number | undefined;
  const stop = () => {
    if (at !== undefined && performance.now() - at > 300) process.exit(1);
    at ??= performance.now();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return () => at !== undefined;
}

async function checkpointsOf({ pool, schema }: Persistence, thread: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM "${schema}".checkpoints WHERE thread_id = $1`,
    [thread],
  );
  return rows[0]?.count ?? 0;
}

const again = "Run it again with the same --thread, and it goes on.";
/** Its samples are recorded, or drawn from the seed: run again, they would come out the same. */
const final = /^(vote_tied|no_quorum|vote_spent|wrong_move)$/;

function why(error: unknown): string {
  if (isFault(error) && final.test(error.code))
    return `${error.message} Begin another one: with another --thread, and another --seed or a larger --k.`;
  if (isFault(error)) return `${error.message} ${again}`;
  return isOfDatabase(error) ? error.message : inspect(error);
}

/** What is stored, or where: its message says what to do, and where the program stood says nothing. */
const isOfDatabase = (error: unknown): error is Error =>
  isPersistenceError(error) ||
  isCheckpointDamagedError(error) ||
  isCannotOpenError(error) ||
  isLeaseLostError(error);

async function main(): Promise<ExitCode> {
  const command = readCommand(process.argv.slice(2));
  if (command.kind === "help") {
    process.stdout.write(help);
    return 0;
  }
  if (existsSync(".env")) process.loadEnvFile(".env");
  const { schema, keep, live } = command;
  const model = live ? liveSettings() : undefined;
  const persistence = await openPersistence({
    keepLast: keep,
    ...(schema === undefined ? {} : { schema }),
    onProgress: complain,
  });
  try {
    return await build(command, model, persistence);
  } finally {
    await persistence.close();
  }
}

process.exitCode = await main().catch((error: unknown): ExitCode => {
  const refused = isStartUpError(error) || isLeaseHeldError(error);
  complain(refused || isOfDatabase(error) ? error.message : inspect(error));
  return refused ? 2 : 1;
});
