/**
 * Retention: old checkpoints go, and with them the values and writes that nothing else needs.
 *
 * Used by `npm run checkpoints -- prune`, by the saver as it writes (`keepLast`), and by whoever keeps house for a host
 * of one's own. Each thread goes or stays in a transaction of its own, so a process that dies in the middle leaves
 * every thread whole.
 *
 * What stays: the last `keepLast` checkpoints of every branch, in the thread and in each of its subgraphs, and what one
 * of them cannot be read or gone on with without. A question that waits for its answer is the end of a branch, so it
 * stays too.
 *
 * @see docs/adr/0016-retention.md
 */
import type pg from "pg";
import { crashPoint } from "#src/recovery/index.ts";
import type { Fence } from "./fence.ts";
import { forgetThread } from "./forget-thread.ts";
import { isRun, leftBecause, onIdleThread, type Place } from "./idle-thread.ts";
import { defaultPatienceMs, patiently } from "./patiently.ts";
import { type Standing, staying } from "./retention/plan.ts";
import { candidates, removal, removalOfThread, standing, unsettled } from "./retention/statements.ts";
import { tablesOf } from "./saver/statements.ts";
import { inTransaction } from "./transaction.ts";

export interface PruneOptions {
  /** How many checkpoints of each branch stay, its newest included: a whole number, at least 1. Default: all. */
  readonly keepLast?: number;
  /**
   * Threads that have no checkpoint since then go altogether, with what the ledger has of them; not those in which a
   * question waits for its answer, an effect's outcome is unknown, or a saga is taken back in part. Default: none.
   */
  readonly before?: Date;
  /** Default: all threads. */
  readonly thread?: string;
  /** Only says what would go. */
  readonly dryRun?: boolean;
}

export interface PrunedThread {
  readonly thread: string;
  /**
   * Why nothing went: another process runs it, it is damaged, or it is old enough to go, but a question in it waits for
   * its answer or its ledger for an outcome, or the database refused.
   */
  readonly left?: "running" | "damaged" | "waiting" | "failed";
  /** Of a thread that failed: what the database said. */
  readonly problem?: string;
  /** The thread went altogether. */
  readonly whole: boolean;
  readonly checkpoints: number;
  /** Channel values, or parts of them. */
  readonly blobs: number;
  readonly writes: number;
  /** Of all these as stored, without keys and indexes. */
  readonly bytes: number;
}

const nothing = { whole: false, checkpoints: 0, blobs: 0, writes: 0, bytes: 0 };

/**
 * Takes away what `options` does not keep. Asking again is harmless, and takes away nothing more.
 *
 * @param place - Of an open persistence.
 * @returns The threads of which something went, or that were left alone although something of them might go.
 * @throws PersistenceError when the database stays away. What it refuses a single thread is in the result.
 * @throws RangeError when neither `keepLast` nor `before` is given, or one is no number or time.
 */
export async function prune(place: Place, options: PruneOptions): Promise<PrunedThread[]> {
  check(options);
  const { keepLast, before, thread, dryRun = false } = options;
  const { pool, schema } = place;
  const { rows } = await patiently(defaultPatienceMs, () =>
    pool.query<{ thread: string }>(candidates(tablesOf(schema)), [
      thread ?? null,
      keepLast ?? null,
      before?.toISOString() ?? null,
    ]),
  );
  const results: PrunedThread[] = [];
  for (const { thread } of rows) {
    const work = (tx: pg.PoolClient) => pruneWithin(tx, schema, thread, options);
    const result = await onIdleThread(place, thread, work, { readOnly: dryRun }).catch(
      (error: unknown): PrunedThread => ({ thread, ...nothing, ...leftBecause(error) }),
    );
    if (result === "running") results.push({ thread, left: result, ...nothing });
    else if (result !== undefined) results.push(result);
  }
  return results;
}

/**
 * {@link prune} for a thread that this process runs itself, right after a superstep of its outermost graph was stored:
 * nothing that is under way needs what goes then. Not for a run that began from an addressed checkpoint: what its
 * subgraphs had then is asked for when the run first comes to them.
 *
 * @param fence - Undefined where there are no leases.
 */
export async function pruneOwn(
  { pool, schema }: Place,
  thread: string,
  keepLast: number,
  fence: Fence | undefined,
): Promise<void> {
  await inTransaction(pool, async (tx) => {
    if (fence !== undefined && (await isRun(tx, schema, thread, fence.tokenOf(thread)))) return;
    await pruneWithin(tx, schema, thread, { keepLast });
  });
}

type Row = Standing & {
  readonly at: string | null;
  /** Not damaged. */
  readonly whole: boolean;
  /** A task asked a question, and has not ended. */
  readonly asks: boolean;
};

async function pruneWithin(
  tx: pg.PoolClient,
  schema: string,
  thread: string,
  { keepLast, before, dryRun = false }: PruneOptions,
): Promise<PrunedThread | undefined> {
  const tables = tablesOf(schema);
  const { rows } = await tx.query<Row>(standing(tables), [thread]);
  if (rows.some(({ whole }) => !whole)) return { thread, left: "damaged", ...nothing };
  const outlived = before !== undefined && rows.every(({ at }) => at !== null && at < before.toISOString());
  const waiting = outlived && (waits(rows) || (await isUnsettled(tx, schema, thread)));
  const whole = outlived && !waiting;
  const kept = whole ? new Set() : keepLast === undefined ? new Set(rows) : staying(rows, keepLast);
  const doomed = rows.filter((row) => !kept.has(row));
  if (doomed.length === 0) {
    return waiting ? { thread, left: "waiting", ...nothing } : undefined;
  }
  const counted = whole
    ? await tx.query<Counts>(removalOfThread(tables, dryRun), [thread])
    : await tx.query<Counts>(removal(tables, dryRun), [
        thread,
        doomed.map(({ namespace }) => namespace),
        doomed.map(({ id }) => id),
      ]);
  if (!dryRun) {
    if (whole) await forgetThread(tx, schema, thread);
    crashPoint("inside-retention");
  }
  return { thread, ...nothing, ...counted.rows[0], whole };
}

type Counts = Pick<PrunedThread, "checkpoints" | "blobs" | "writes" | "bytes">;

/** A question is open as long as nothing came after it. */
function waits(rows: readonly Row[]): boolean {
  const placeOf = (namespace: string, id: string | null) => JSON.stringify([namespace, id]);
  const parents = new Set(rows.map(({ namespace, parent }) => placeOf(namespace, parent)));
  return rows.some(({ namespace, id, asks }) => asks && !parents.has(placeOf(namespace, id)));
}

async function isUnsettled(tx: pg.PoolClient, schema: string, thread: string): Promise<boolean> {
  const { rows } = await tx.query<{ unsettled: boolean }>(unsettled(schema), [thread]);
  return rows[0]?.unsettled === true;
}

function check({ keepLast, before }: PruneOptions): void {
  if (keepLast === undefined && before === undefined) throw new RangeError("prune: give keepLast or before");
  checkKeepLast(keepLast);
  if (before !== undefined && Number.isNaN(before.getTime())) {
    throw new RangeError("prune: before must be a valid date");
  }
}

/** What Postgres takes for an integer. */
export const mostKept = 2 ** 31 - 1;

/** @throws RangeError for anything but undefined and a whole number from 1 to {@link mostKept}. */
export function checkKeepLast(keepLast: number | undefined): void {
  if (keepLast === undefined || (Number.isInteger(keepLast) && keepLast >= 1 && keepLast <= mostKept)) return;
  throw new RangeError(`keepLast must be a whole number from 1 to ${mostKept}, got ${keepLast}`);
}
