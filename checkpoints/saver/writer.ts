/**
 * Group commit: what threads want stored at the same time goes to the database in one statement.
 *
 * Used by the saver. While a batch is under way the next one gathers, so the busier the process, the larger the
 * batches. Every piece of work can be repeated, so a lost connection is met by trying again for a while.
 */
import type pg from "pg";
import type { Keys } from "../encryption.ts";
import type { Fence } from "../fence.ts";
import { isTransient, patiently } from "../patiently.ts";
import { parametersOf } from "./batch.ts";
import type { Work } from "./rows.ts";

export interface Writer {
  /** @throws What the database said of this work, not of another's; the fence's refusal. */
  write(work: Work): Promise<void>;
}

interface Waiting {
  readonly work: Work;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

type Outcome = () => void;

/** Why something of a thread was not stored, for the checkpoints that wait behind it. */
type Refusals = Map<string, unknown>;

/**
 * How many bytes of values go in one statement, if not one piece of work alone has more. Memory is needed for several
 * copies of them, here and on the server.
 */
const batchBytes = 32 * 2 ** 20;

/** Postgres takes no message of a gigabyte (PQ_LARGE_MESSAGE_LIMIT in its libpq.h). What is left is for names. */
const mostBytes = 2 ** 30 - 2 ** 26;

/** @param fence - What `statement` was made to ask for, or undefined. @param keys - Seal what is sent. */
export function createWriter(
  pool: pg.Pool,
  statement: { readonly name: string; readonly text: string },
  patienceMs: number,
  fence?: Fence,
  keys?: Keys,
): Writer {
  let queue: Waiting[] = [];
  let underWay = false;
  let planned = false;

  function plan(): void {
    if (underWay || planned || queue.length === 0) return;
    planned = true;
    // After the promises that are settled by now: a superstep's writes and its checkpoint meet in one batch.
    setImmediate(flush);
  }

  async function flush(): Promise<void> {
    planned = false;
    underWay = true;
    const batches = batchesOf(queue);
    queue = [];
    const refusals: Refusals = new Map();
    for (const batch of batches) goOn(await store(batch, refusals));
    underWay = false;
    if (queue.length > 0) void flush();
  }

  /**
   * The next batch has left before the threads of this one go on, and of these one half goes before the other: the
   * database works on one part of the threads while this process works on another.
   */
  function goOn(outcomes: readonly Outcome[]): void {
    const half = Math.ceil(outcomes.length / 2);
    setImmediate(() => {
      for (const outcome of outcomes.slice(0, half)) outcome();
      if (half === outcomes.length) return;
      setImmediate(() => {
        for (const outcome of outcomes.slice(half)) outcome();
      });
    });
  }

  async function store(waiting: readonly Waiting[], refusals: Refusals): Promise<Outcome[]> {
    const batch = admitted(waiting, refusals);
    if (batch.length === 0) return [];
    try {
      const refused = await patiently(patienceMs, () => send(batch.map(({ work }) => work)));
      for (const [thread, error] of refused) refusals.set(thread, error);
      return batch.map(({ work: { thread }, done, failed }) =>
        refused.has(thread) ? () => failed(refused.get(thread)) : done,
      );
    } catch (error) {
      // One piece that the database refuses must not fail its neighbours.
      if (batch.length > 1 && !isTransient(error)) return storeEach(batch, refusals);
      for (const { work } of batch) refusals.set(work.thread, error);
      return batch.map(
        ({ failed }) =>
          () =>
            failed(error),
      );
    }
  }

  /**
   * Of what was gathered at one time, no checkpoint is stored after a refused write of its thread: its run rejects, and
   * would go on from the one before while this one arrived.
   */
  function admitted(waiting: readonly Waiting[], refusals: Refusals): readonly Waiting[] {
    if (refusals.size === 0) return waiting;
    return waiting.filter(({ work: { thread, checkpoint }, failed }) => {
      const barred = checkpoint !== undefined && refusals.has(thread);
      if (barred) failed(refusals.get(thread));
      return !barred;
    });
  }

  async function storeEach(batch: readonly Waiting[], refusals: Refusals): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const one of batch) for (const outcome of await store([one], refusals)) outcomes.push(outcome);
    return outcomes;
  }

  /** @returns The refusals of the fence, by thread. */
  async function send(batch: readonly Work[]): Promise<Refusals> {
    refuseTooLarge(batch);
    const values = parametersOf(batch, keys);
    if (fence !== undefined) {
      const threads = [...new Set(batch.map(({ thread }) => thread))];
      const tokens = threads.map((thread) => fence.tokenOf(thread) ?? null);
      values.push(threads, tokens);
    }
    const { rows } = await pool.query<{ thread: string }>({ ...statement, values });
    return new Map(rows.map(({ thread }) => [thread, fence?.refusal(thread)]));
  }

  return {
    write: (work) =>
      new Promise((done, failed) => {
        queue.push({ work, done, failed });
        plan();
      }),
  };
}

/** In the order in which it came. */
function batchesOf(waiting: readonly Waiting[]): Waiting[][] {
  const batches: Waiting[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of waiting) {
    const more = bytesOf(one.work);
    bytes += more;
    if (bytes <= batchBytes) batches.at(-1)?.push(one);
    else {
      batches.push([one]);
      bytes = more;
    }
  }
  return batches;
}

function bytesOf({ writes, blobs, checkpoint }: Work): number {
  let sum = checkpoint === undefined ? 0 : checkpoint.json.length + checkpoint.metadata.length;
  for (const { bytes } of writes) sum += bytes.length;
  for (const { bytes } of blobs) sum += bytes.length;
  return sum;
}

/** The server would only close the connection, as if it were away. With the SQLSTATE that it has for a limit. */
function refuseTooLarge(batch: readonly Work[]): void {
  const bytes = batch.reduce((sum, work) => sum + bytesOf(work), 0);
  if (bytes <= mostBytes) return;
  const [given, most] = [bytes, mostBytes].map((size) => Math.ceil(size / 2 ** 20));
  const said = `one superstep has values of ${given} MB, and ${most} MB fit into one message`;
  throw Object.assign(new Error(said), { code: "54000" });
}
