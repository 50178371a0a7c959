/**
 * The way back: rewrites what LangGraph's own PostgresSaver cannot read, so that it reads all threads and goes on with
 * them.
 *
 * Used by `npm run checkpoints -- to-stock`, once nothing runs any more. Lists stored by their ends become whole values
 * at each of their versions, and writes get back the values that they point at. Checksums go, since the stock saver
 * does not keep them up. This project's saver reads what is left as before.
 *
 * A list then takes as much room as the stock saver would have taken for it: prune first.
 *
 * @see docs/adr/0016-retention.md
 */
import { JsonPlusSerializer, type SerializerProtocol } from "@langchain/langgraph-checkpoint";
import type pg from "pg";
import { onIdleThread } from "./idle-thread.ts";
import { CheckpointDamagedError, isCheckpointDamagedError } from "./saver/damaged.ts";
import { type BlobFound, checkBlob, checkWrite, type WriteFound } from "./saver/found.ts";
import { appendType, sameItemType, sameType } from "./saver/rows.ts";
import { digestOfCheckpoint, type Tables, tablesOf } from "./saver/statements.ts";

export interface ToStockOptions {
  /** Default: all threads. */
  readonly thread?: string;
}

export interface ConvertedThread {
  readonly thread: string;
  /** Why it stands as it stood: another process runs it, or it is damaged. */
  readonly left?: "running" | "damaged";
  /** How many channel values and writes were rewritten. */
  readonly rewritten: number;
}

/** Of an open persistence. */
interface Source {
  readonly pool: pg.Pool;
  /** A checked identifier. */
  readonly schema: string;
  /** What it reads values with, they are read with here; the stock saver's own serializer writes them. */
  readonly saver: { readonly serde: SerializerProtocol };
}

/** Each thread in one transaction, all or nothing. Asking again is harmless. @returns All threads, or the one asked for. */
export async function toStock(source: Source, { thread }: ToStockOptions = {}): Promise<ConvertedThread[]> {
  const tables = tablesOf(source.schema);
  const { rows } = await source.pool.query<{ thread: string }>(
    `SELECT DISTINCT thread_id AS thread FROM ${tables.checkpoints}
     WHERE $1::text IS NULL OR thread_id = $1 ORDER BY thread_id`,
    [thread ?? null],
  );
  const results: ConvertedThread[] = [];
  for (const { thread } of rows) results.push(await convert(source, tables, thread));
  return results;
}

async function convert(source: Source, tables: Tables, thread: string): Promise<ConvertedThread> {
  const { serde } = source.saver;
  try {
    const done = await onIdleThread(source, thread, async (tx) => {
      await refuseDamaged(tx, tables, thread);
      // Writes first: they point at parts, which are gone once these are whole lists.
      const writes = await rewriteWrites(tx, tables, thread, serde);
      const blobs = await rewriteLists(tx, tables, thread, serde);
      await tx.query(`UPDATE ${tables.checkpoints} SET digest = NULL, blobs = NULL WHERE thread_id = $1`, [
        thread,
      ]);
      await tx.query(`UPDATE ${tables.blobs} SET digest = NULL WHERE thread_id = $1`, [thread]);
      await tx.query(`UPDATE ${tables.writes} SET digest = NULL WHERE thread_id = $1`, [thread]);
      return writes + blobs;
    });
    return done === "running" ? { thread, left: done, rewritten: 0 } : { thread, rewritten: done };
  } catch (error) {
    if (isCheckpointDamagedError(error)) return { thread, left: "damaged", rewritten: 0 };
    throw error;
  }
}

const stock = new JsonPlusSerializer();

/** Without its checksums what is damaged could not be told any more. @throws CheckpointDamagedError */
async function refuseDamaged(
  tx: pg.PoolClient,
  { checkpoints, blobs, writes }: Tables,
  thread: string,
): Promise<void> {
  const altered = await tx.query<{ namespace: string; checkpoint: string }>(
    `SELECT checkpoint_ns AS namespace, checkpoint_id AS checkpoint FROM ${checkpoints} c
     WHERE thread_id = $1 AND digest IS DISTINCT FROM ${digestOfCheckpoint("c")} AND digest IS NOT NULL LIMIT 1`,
    [thread],
  );
  const [row] = altered.rows;
  if (row !== undefined)
    throw new CheckpointDamagedError({ thread, ...row }, "its row is not what was written");
  const found = `WHERE thread_id = $1 AND digest IS NOT NULL`;
  const values = await tx.query<BlobFound>(`SELECT * FROM ${blobs} ${found}`, [thread]);
  for (const value of values.rows) checkBlob(value, { thread, namespace: value.checkpoint_ns });
  const written = await tx.query<WriteFound>(`SELECT * FROM ${writes} ${found}`, [thread]);
  for (const write of written.rows) checkWrite(write, { thread, namespace: write.checkpoint_ns });
}

type PointingWrite = Pick<
  WriteFound,
  "checkpoint_id" | "channel" | "task_id" | "idx" | "type" | "same_blob" | "same_type"
> & { readonly ns: string };

async function rewriteWrites(
  tx: pg.PoolClient,
  { writes, blobs }: Tables,
  thread: string,
  serde: SerializerProtocol,
): Promise<number> {
  const { rows } = await tx.query<PointingWrite>(
    `SELECT w.checkpoint_ns AS ns, w.checkpoint_id, w.channel, w.task_id, w.idx, w.type,
       b.blob AS same_blob, b.type AS same_type
     FROM ${writes} w LEFT JOIN ${blobs} b
       ON b.thread_id = w.thread_id AND b.checkpoint_ns = w.checkpoint_ns AND b.channel = w.channel
       AND b.version = convert_from(w.blob, 'UTF8')
     WHERE w.thread_id = $1 AND w.type IN ('${sameType}', '${sameItemType}')`,
    [thread],
  );
  for (const row of rows) {
    const { ns, checkpoint_id: checkpoint, channel, task_id: task, idx, same_type: type } = row;
    if (type === null) {
      const place = { thread, namespace: ns, checkpoint };
      throw new CheckpointDamagedError(place, `the value of task ${task} for ${channel} is missing`);
    }
    const value = await load({ type, blob: row.same_blob }, serde);
    const [newType, bytes] = await stock.dumpsTyped(
      row.type === sameItemType ? (value as unknown[])[0] : value,
    );
    await tx.query(
      `UPDATE ${writes} SET type = $6, blob = $7 WHERE thread_id = $1 AND checkpoint_ns = $2 AND checkpoint_id = $3
         AND task_id = $4 AND idx = $5`,
      [thread, ns, checkpoint, task, idx, newType, bytes],
    );
  }
  return rows.length;
}

type PartRow = Pick<BlobFound, "version" | "base" | "type" | "blob">;

async function rewriteLists(
  tx: pg.PoolClient,
  { blobs }: Tables,
  thread: string,
  serde: SerializerProtocol,
): Promise<number> {
  const { rows: lists } = await tx.query<{ ns: string; channel: string }>(
    `SELECT DISTINCT checkpoint_ns AS ns, channel FROM ${blobs} WHERE thread_id = $1 AND base IS NOT NULL`,
    [thread],
  );
  let rewritten = 0;
  for (const { ns, channel } of lists) {
    const { rows } = await tx.query<PartRow>(
      `SELECT version, base, type, blob FROM ${blobs}
       WHERE thread_id = $1 AND checkpoint_ns = $2 AND channel = $3`,
      [thread, ns, channel],
    );
    let whole = 0;
    for await (const [version, list] of wholeLists(rows, serde)) {
      const [type, bytes] = await stock.dumpsTyped(list);
      await tx.query(
        `UPDATE ${blobs} SET type = $5, blob = $6, base = NULL
         WHERE thread_id = $1 AND checkpoint_ns = $2 AND channel = $3 AND version = $4`,
        [thread, ns, channel, version, type, bytes],
      );
      whole += 1;
    }
    if (whole !== rows.filter(({ base }) => base !== null).length) {
      throw new CheckpointDamagedError(
        { thread, namespace: ns },
        `an earlier part of channel ${channel} is missing`,
      );
    }
    rewritten += whole;
  }
  return rewritten;
}

/** The lists that are stored as a part and what it follows, each once, with as few as possible in memory. */
async function* wholeLists(
  rows: readonly PartRow[],
  serde: SerializerProtocol,
): AsyncGenerator<[version: string, list: unknown[]]> {
  const followers = new Map<string | null, PartRow[]>();
  for (const row of rows) followers.set(row.base, [...(followers.get(row.base) ?? []), row]);
  const open: { readonly row: PartRow; readonly before: readonly unknown[] }[] = [];
  const follow = (version: string, before: readonly unknown[]) => {
    for (const row of followers.get(version) ?? []) open.push({ row, before });
  };
  for (const first of followers.get(null) ?? []) {
    if (!followers.has(first.version)) continue;
    follow(first.version, (await load(first, serde)) as unknown[]);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const list = [...next.before, ...((await load(next.row, serde)) as unknown[])];
      yield [next.row.version, list];
      follow(next.row.version, list);
    }
  }
}

function load({ type, blob }: Pick<PartRow, "type" | "blob">, serde: SerializerProtocol): Promise<unknown> {
  return serde.loadsTyped(type === appendType ? "json" : type, blob ?? "");
}
