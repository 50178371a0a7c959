/**
 * Restarts Postgres again and again under threads that run in parallel, and has every run that was rejected go on.
 *
 * All in one process, which must live through it: what nobody catches is a finding too.
 */
import { setTimeout as pause } from "node:timers/promises";
import { openPersistence } from "#checkpoints/index.ts";
import type { TestServer } from "../support/postgres-server.ts";
import { bookingGraph, expectedLog } from "./booking-graph.ts";
import { nameOf, startCountingService } from "./counting-service.ts";
import { drawFrom } from "./draw.ts";

export interface PostgresChaosOptions {
  readonly server: TestServer;
  readonly seed: number;
  readonly threads: number;
  /** On all threads together. */
  readonly runs: number;
  /** From one restart to the next, in ms. */
  readonly restartEvery: readonly [least: number, most: number];
  readonly longestDownMs: number;
  /** More runs are made until there were so many. */
  readonly leastRestarts: number;
  readonly say: (line: string) => void;
}

export interface PostgresChaosEnd {
  readonly runs: number;
  readonly restarts: number;
  /** Runs that were rejected at least once, and went on to their end. */
  readonly resumed: number;
  /** Why runs were rejected, by the error's code or name. */
  readonly reasons: ReadonlyMap<string, number>;
  /** All that must not be. */
  readonly problems: readonly string[];
}

/** A run that is rejected so often does not go on, it goes round. */
const mostRejections = 200;
const patienceMs = 100;

export async function postgresChaos(options: PostgresChaosOptions): Promise<PostgresChaosEnd> {
  const { server, seed, threads, runs, say } = options;
  const problems: string[] = [];
  const unhandled = (error: unknown) => void problems.push(`nobody caught: ${textOf(error)}`);
  process.on("unhandledRejection", unhandled);
  process.on("uncaughtException", unhandled);

  const schema = `chaos_${seed}`;
  const bookings = `${schema}.bookings`;
  const persistence = await openPersistence({ databaseUrl: server.url, schema });
  await persistence.pool.query(`CREATE TABLE ${bookings} (key text, thread text, run integer)`);
  const service = await startCountingService();
  const graph = bookingGraph(persistence, bookings, service.charge);
  const reasons = new Map<string, number>();
  const perThread = Math.ceil(runs / threads);
  const runsOf = new Map<string, number>();
  let restarts = 0;
  let resumed = 0;
  const done = new AbortController();

  const configOf = (thread: string) => ({
    configurable: { thread_id: thread },
    durability: "sync" as const,
  });

  /** Undefined: go on with what is saved. "done": all of it is saved, though nobody heard of it. */
  async function standing(thread: string, run: number): Promise<"begin" | "go on" | "done"> {
    const { values, next } = await graph.getState(configOf(thread));
    if (next.length > 0) return "go on";
    return (values as { run?: number }).run === run ? "done" : "begin";
  }

  async function runOnce(thread: string, run: number): Promise<void> {
    let at: "begin" | "go on" | "done" | undefined = "begin";
    for (let rejections = 0; at !== "done"; ) {
      try {
        at ??= await standing(thread, run);
        if (at !== "done") await graph.invoke(at === "begin" ? { run } : null, configOf(thread));
        at = "done";
        if (rejections > 0) resumed += 1;
      } catch (error) {
        at = undefined;
        const reason = reasonOf(error);
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
        rejections += 1;
        if (rejections > mostRejections) throw error;
        await pause(patienceMs);
      }
    }
  }

  async function work(thread: string): Promise<void> {
    for (let run = 1; run <= perThread || restarts < options.leastRestarts; run++) {
      await runOnce(thread, run);
      runsOf.set(thread, run);
    }
  }

  async function restartAgainAndAgain(): Promise<void> {
    const draw = drawFrom(seed);
    for (let number = 1; !done.signal.aborted; number++) {
      const [least, most] = options.restartEvery;
      const waited = pause(draw.between(least, most, "restart", number), true, { signal: done.signal });
      if (!(await waited.catch(() => false))) return;
      const downMs = draw.between(0, options.longestDownMs, "down", number);
      await server.restart(number % 2 === 0 ? "fast" : "immediate", downMs);
      restarts += 1;
      const made = [...runsOf.values()].reduce((sum, count) => sum + count, 0);
      if (restarts % 10 === 0) say(`${restarts} restarts, ${made} runs`);
    }
  }

  try {
    const restarting = restartAgainAndAgain();
    const names = Array.from({ length: threads }, (_, at) => `thread ${at + 1}`);
    const works = names.map((thread) =>
      work(thread).catch((error: unknown) => void problems.push(`${thread} is stuck: ${textOf(error)}`)),
    );
    await Promise.all(works);
    done.abort();
    await restarting;
    problems.push(...(await wrongs(names)));
  } finally {
    done.abort();
    await service.close();
    await persistence.close();
    process.off("unhandledRejection", unhandled);
    process.off("uncaughtException", unhandled);
  }
  const made = [...runsOf.values()].reduce((sum, count) => sum + count, 0);
  return { runs: made, restarts, resumed, reasons, problems };

  /** State, effects in the database and effects on the other side, each against what must be. */
  async function wrongs(names: readonly string[]): Promise<string[]> {
    const { rows } = await persistence.pool.query<{ thread: string; run: number }>(
      `SELECT thread, run FROM ${bookings}`,
    );
    const booked = new Map<string, number>();
    for (const { thread, run } of rows) {
      booked.set(nameOf(thread, run), (booked.get(nameOf(thread, run)) ?? 0) + 1);
    }
    const wrong: string[] = [];
    for (const thread of names) {
      const count = runsOf.get(thread) ?? 0;
      const { values, next } = await graph.getState(configOf(thread));
      const { log } = values as { log: string[] };
      if (JSON.stringify(log) !== JSON.stringify(expectedLog(thread, count)) || next.length > 0) {
        wrong.push(
          `${thread}: wrong state after ${count} runs: ${firstDifference(log, expectedLog(thread, count))}`,
        );
      }
      for (let run = 1; run <= count; run++) {
        for (const [what, times] of [
          ["booked", booked],
          ["charged", service.charged()],
        ] as const) {
          const happened = times.get(nameOf(thread, run)) ?? 0;
          if (happened !== 1) wrong.push(`${thread}, run ${run}: ${what} ${happened} times`);
        }
      }
    }
    const extra = rows.length - [...runsOf.values()].reduce((sum, count) => sum + count, 0);
    if (extra !== 0) wrong.push(`${extra} bookings more than runs`);
    return wrong;
  }
}

function firstDifference(is: readonly string[], shall: readonly string[]): string {
  const at = shall.findIndex((entry, index) => entry !== is[index]);
  const index = at < 0 ? shall.length : at;
  return `entry ${index + 1} of ${is.length} is ${JSON.stringify(is[index])}, must be ${JSON.stringify(shall[index])}`;
}

function reasonOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(code ?? name ?? error);
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
