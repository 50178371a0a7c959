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
    const batch = queue;
    queue = [];
    const outcomes = await store(batch);
    underWay = false;
    if (queue.length > 0) void flush();
    goOn(outcomes);
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

  async function store(
    batch: readonly Waiting[],
    onRefused: (error: unknown) => void = () => {},
  ): Promise<Outcome[]> {
    try {
      const refused = await patiently(patienceMs, () => send(batch.map(({ work }) => work)));
      return batch.map(({ work, done, failed }) =>
        fence !== undefined && refused.has(work.thread) ? () => failed(fence.refusal(work.thread)) : done,
      );
    } catch (error) {
      if (batch.length === 1 || isTransient(error)) {
        onRefused(error);
        return batch.map(
          ({ failed }) =>
            () =>
              failed(error),
        );
      }
      return storeEach(batch);
    }
  }

  /**
   * One piece that the database refuses must not fail its neighbours. But of the same batch no checkpoint is stored
   * after a refused write of its thread: its run rejects, and would go on from the one before while this one arrived.
   */
  async function storeEach(batch: readonly Waiting[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const refusals = new Map<string, unknown>();
    for (const one of batch) {
      const { thread, checkpoint } = one.work;
      if (checkpoint !== undefined && refusals.has(thread)) {
        outcomes.push(() => one.failed(refusals.get(thread)));
      } else {
        outcomes.push(...(await store([one], (error) => refusals.set(thread, error))));
      }
    }
    return outcomes;
  }

  async function send(batch: readonly Work[]): Promise<Set<string>> {
    const values = parametersOf(batch, keys);
    if (fence !== undefined) {
      const threads = [...new Set(batch.map(({ thread }) => thread))];
      const tokens = threads.map((thread) => fence.tokenOf(thread) ?? null);
      values.push(threads, tokens);
    }
    const { rows } = await pool.query<{ thread: string }>({ ...statement, values });
    return new Set(rows.map(({ thread }) => thread));
  }

  return {
    write: (work) =>
      new Promise((done, failed) => {
        queue.push({ work, done, failed });
        plan();
      }),
  };
}
