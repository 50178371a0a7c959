/**
 * Group commit: what threads want stored at the same time goes to the database in one statement.
 *
 * Used by the saver. While a batch is under way the next one gathers, so the busier the process, the larger the
 * batches. Every piece of work can be repeated, so a lost connection is met by trying again for a while.
 */
import type pg from "pg";
import { classify } from "#src/faults/index.ts";
import { backoffMs, wait } from "#src/retry/index.ts";
import { digestOfBlob, digestOfWrite, type Work, type WriteRow } from "./rows.ts";

export interface Writer {
  /** @throws What the database said of this work, not of another's; the fence's refusal. */
  write(work: Work): Promise<void>;
  /** Writes of a checkpoint that are not under way yet: these may still be changed. */
  waiting(thread: string, namespace: string, checkpoint: string): WriteRow[];
}

interface Waiting {
  readonly work: Work;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Keeps out the writes of a process that has lost a thread to another one. */
export interface Fence {
  /** The token of the lease under which a thread runs here; undefined when it runs under none. */
  tokenOf(thread: string): string | undefined;
  refusal(thread: string): Error;
}

/** @param fence - What `statement` was made to ask for, or undefined. */
export function createWriter(
  pool: pg.Pool,
  statement: { readonly name: string; readonly text: string },
  patienceMs: number,
  fence?: Fence,
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
    await store(batch);
    underWay = false;
    plan();
  }

  async function store(batch: readonly Waiting[]): Promise<void> {
    try {
      const refused = await patiently(patienceMs, () => send(batch.map(({ work }) => work)));
      for (const { work, done, failed } of batch) {
        if (fence !== undefined && refused.has(work.thread)) failed(fence.refusal(work.thread));
        else done();
      }
    } catch (error) {
      if (batch.length === 1 || isTransient(error)) {
        for (const { failed } of batch) failed(error);
        return;
      }
      // One piece that the database refuses must not fail its neighbours.
      for (const one of batch) await store([one]);
    }
  }

  async function send(batch: readonly Work[]): Promise<Set<string>> {
    const values = parameters(batch);
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
    waiting: (thread, namespace, checkpoint) =>
      queue.flatMap(({ work }) =>
        work.thread === thread
          ? work.writes.filter((row) => row.namespace === namespace && row.checkpoint === checkpoint)
          : [],
      ),
  };
}

/** Tries again while the database cannot be reached, for `patienceMs`. @throws What `run` threw last. */
export async function patiently<T>(patienceMs: number, run: () => Promise<T>): Promise<T> {
  const until = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!isTransient(error) || performance.now() > until) throw error;
      await wait(backoffMs({ attempt, baseMs: 50, capMs: 1_000, jitter: "equal" }));
    }
  }
}

const isTransient = (error: unknown): boolean => classify(error).category === "transient";

/** The batch as the columns that the statement takes, $1 to $29. */
function parameters(batch: readonly Work[]): unknown[] {
  const parts: Uint8Array[] = [];
  let end = 1; // SQL counts from 1.
  const keep = (bytes: Uint8Array): number => {
    const start = end;
    parts.push(bytes);
    end += bytes.length;
    return start;
  };
  const writes = columns(11);
  for (const row of lastOfEach(batch.flatMap((work) => work.writes))) {
    const { thread, namespace, checkpoint, task, idx, channel, type, path, bytes } = row;
    const digest = digestOfWrite(row);
    add(writes, [
      thread,
      namespace,
      checkpoint,
      task,
      idx,
      channel,
      type,
      path,
      digest,
      keep(bytes),
      bytes.length,
    ]);
  }
  const blobs = columns(9);
  for (const row of batch.flatMap((work) => work.blobs)) {
    const { thread, namespace, channel, version, type, base = null, bytes } = row;
    add(blobs, [
      thread,
      namespace,
      channel,
      version,
      type,
      base,
      digestOfBlob(row),
      keep(bytes),
      bytes.length,
    ]);
  }
  const checkpoints = columns(8);
  const latest = new Map(
    batch.flatMap(({ checkpoint: c }) =>
      c ? [[`${c.thread}\0${c.namespace}\0${c.checkpoint}`, c] as const] : [],
    ),
  );
  for (const {
    thread,
    namespace,
    checkpoint,
    parent = null,
    blobs: count = null,
    json,
    metadata,
  } of latest.values()) {
    const [document, about] = [Buffer.from(json), Buffer.from(metadata)];
    const start = keep(document);
    keep(about);
    add(checkpoints, [thread, namespace, checkpoint, parent, count, start, document.length, about.length]);
  }
  return [Buffer.concat(parts), ...writes, ...blobs, ...checkpoints];
}

/** A special write replaces the one before, and a statement may not change one row twice. */
function lastOfEach(writes: readonly WriteRow[]): WriteRow[] {
  const special = new Map<string, WriteRow>();
  const ordinary: WriteRow[] = [];
  for (const row of writes) {
    if (row.idx >= 0) ordinary.push(row);
    else special.set([row.thread, row.namespace, row.checkpoint, row.task, row.idx].join("\0"), row);
  }
  return [...ordinary, ...special.values()];
}

function columns(count: number): unknown[][] {
  return Array.from({ length: count }, () => []);
}

function add(to: unknown[][], row: readonly unknown[]): void {
  for (let i = 0; i < row.length; i++) to[i]?.push(row[i]);
}
