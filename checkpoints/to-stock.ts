/**
 * The way back: rewrites what LangGraph's own PostgresSaver cannot read, so that it reads all threads and goes on with
 * them.
 *
 * Used by `npm run checkpoints -- to-stock`, once nothing runs any more. Lists stored by their ends become whole values
 * at each of their versions, writes get back the values that they point at, and what is sealed is opened. Checksums go,
 * since the stock saver does not keep them up. This project's saver reads what is left as before.
 *
 * A list then takes as much room as the stock saver would have taken for it: prune first.
 *
 * @see docs/adr/0016-retention.md
 */
import { JsonPlusSerializer, type SerializerProtocol } from "@langchain/langgraph-checkpoint";
import type pg from "pg";
import type { Keys } from "./encryption.ts";
import { leftBecause, onIdleThread, type Place } from "./idle-thread.ts";
import { CheckpointDamagedError, type CheckpointPlace } from "./saver/damaged.ts";
import {
  type BlobFound,
  type CheckpointFound,
  checkBlob,
  checkWrite,
  openedBlob,
  openedWrite,
  type WriteFound,
} from "./saver/found.ts";
import { sameItemType, sameType } from "./saver/rows.ts";
import { isSealed, openedMetadata, sealedPrefix } from "./saver/sealed.ts";
import { digestOfCheckpoint, type Tables, tablesOf } from "./saver/statements.ts";
import { load, wholeLists } from "./to-stock/whole-lists.ts";

export interface ToStockOptions {
  /** Default: all threads. */
  readonly thread?: string;
}

export interface ConvertedThread {
  readonly thread: string;
  /** Why it stands as it stood: another process runs it, it is damaged, or the database refused. */
  readonly left?: "running" | "damaged" | "failed";
  /** How many channel values, writes and metadata were rewritten. */
  readonly rewritten: number;
  /** Of a thread left as damaged or failed: what is wrong with it. */
  readonly problem?: string;
}

/** Of an open persistence. */
interface Source extends Place {
  /** What it reads values with, they are read with here; the stock saver's own serializer writes them. */
  readonly saver: { readonly serde: SerializerProtocol };
}

/**
 * Each thread in one transaction, all or nothing. Asking again is harmless.
 *
 * @param keys - Open what is sealed. @returns All threads, or the one asked for.
 */
export async function toStock(
  source: Source,
  { thread }: ToStockOptions = {},
  keys?: Keys,
): Promise<ConvertedThread[]> {
  const tables = tablesOf(source.schema);
  const { rows } = await source.pool.query<{ thread: string }>(
    `SELECT DISTINCT thread_id AS thread FROM ${tables.checkpoints}
     WHERE $1::text IS NULL OR thread_id = $1 ORDER BY thread_id`,
    [thread ?? null],
  );
  const results: ConvertedThread[] = [];
  for (const { thread } of rows) {
    const convert = (tx: pg.PoolClient) =>
      converted({ tx, ...tables, thread, keys, serde: source.saver.serde });
    try {
      const done = await onIdleThread(source, thread, convert);
      results.push(done === "running" ? { thread, left: done, rewritten: 0 } : { thread, rewritten: done });
    } catch (error) {
      results.push({ thread, rewritten: 0, ...leftBecause(error) });
    }
  }
  return results;
}

interface Job extends Tables {
  readonly tx: pg.PoolClient;
  readonly thread: string;
  readonly keys: Keys | undefined;
  readonly serde: SerializerProtocol;
}

async function converted(job: Job): Promise<number> {
  const { tx, checkpoints, blobs, writes, thread } = job;
  await refuseDamaged(job);
  // Writes first: they point at parts, which are gone once these are whole lists.
  const rewritten =
    (await rewriteWrites(job)) +
    (await rewriteLists(job)) +
    (await openBlobs(job)) +
    (await openMetadata(job));
  await tx.query(`UPDATE ${checkpoints} SET digest = NULL, blobs = NULL WHERE thread_id = $1`, [thread]);
  for (const table of [blobs, writes]) {
    await tx.query(`UPDATE ${table} SET digest = NULL WHERE thread_id = $1`, [thread]);
  }
  return rewritten;
}

const stock = new JsonPlusSerializer();
const isSealedSql = `type LIKE '${sealedPrefix}%'`;

/** Without its checksums what is damaged could not be told any more. @throws CheckpointDamagedError */
async function refuseDamaged({ tx, checkpoints, blobs, writes, thread }: Job): Promise<void> {
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

async function rewriteWrites({ tx, writes, blobs, thread, keys, serde }: Job): Promise<number> {
  const { rows } = await tx.query<WriteFound>(
    `SELECT w.*, b.version, b.base, b.blob AS same_blob, b.type AS same_type
     FROM ${writes} w LEFT JOIN ${blobs} b
       ON b.thread_id = w.thread_id AND b.checkpoint_ns = w.checkpoint_ns AND b.channel = w.channel
       AND b.version = CASE WHEN w.type IN ('${sameType}', '${sameItemType}') THEN convert_from(w.blob, 'UTF8') END
     WHERE w.thread_id = $1 AND (w.type IN ('${sameType}', '${sameItemType}') OR w.${isSealedSql})`,
    [thread],
  );
  for (const row of rows) {
    const { checkpoint_ns: namespace, checkpoint_id: checkpoint, task_id: task, idx } = row;
    const place = { thread, namespace, checkpoint };
    const [type, bytes] = isSealed(row.type)
      ? fromRow(openedWrite(keys, row, place))
      : await stock.dumpsTyped(await pointedAt(row, place));
    await tx.query(
      `UPDATE ${writes} SET type = $6, blob = $7 WHERE thread_id = $1 AND checkpoint_ns = $2 AND checkpoint_id = $3
         AND task_id = $4 AND idx = $5`,
      [thread, namespace, checkpoint, task, idx, type, bytes],
    );
  }
  return rows.length;

  async function pointedAt(row: WriteFound, place: CheckpointPlace): Promise<unknown> {
    const { channel, version, same_type: type, same_blob: blob } = row;
    if (type === null || version === null) {
      throw new CheckpointDamagedError(place, `the value of task ${row.task_id} for ${channel} is missing`);
    }
    const value = await load(openedBlob(keys, { ...row, version, type, blob }, place), serde);
    return row.type === sameItemType ? (value as unknown[])[0] : value;
  }
}

const fromRow = ({ type, blob }: { type: string; blob: Uint8Array | null }) => [type, blob] as const;

async function rewriteLists({ tx, blobs, thread, keys, serde }: Job): Promise<number> {
  const { rows: lists } = await tx.query<{ namespace: string; channel: string }>(
    `SELECT DISTINCT checkpoint_ns AS namespace, channel FROM ${blobs} WHERE thread_id = $1 AND base IS NOT NULL`,
    [thread],
  );
  let rewritten = 0;
  for (const { namespace, channel } of lists) {
    const place = { thread, namespace };
    const { rows } = await tx.query<BlobFound>(
      `SELECT * FROM ${blobs} WHERE thread_id = $1 AND checkpoint_ns = $2 AND channel = $3`,
      [thread, namespace, channel],
    );
    const parts = rows.map((row) => openedBlob(keys, row, place));
    let whole = 0;
    for await (const [version, list] of wholeLists(parts, serde)) {
      const [type, bytes] = await stock.dumpsTyped(list);
      await tx.query(
        `UPDATE ${blobs} SET type = $5, blob = $6, base = NULL
         WHERE thread_id = $1 AND checkpoint_ns = $2 AND channel = $3 AND version = $4`,
        [thread, namespace, channel, version, type, bytes],
      );
      whole += 1;
    }
    if (whole !== rows.filter(({ base }) => base !== null).length) {
      throw new CheckpointDamagedError(place, `an earlier part of channel ${channel} is missing`);
    }
    rewritten += whole;
  }
  return rewritten;
}

async function openBlobs({ tx, blobs, thread, keys }: Job): Promise<number> {
  const { rows } = await tx.query<BlobFound>(
    `SELECT * FROM ${blobs} WHERE thread_id = $1 AND ${isSealedSql}`,
    [thread],
  );
  for (const row of rows) {
    const { checkpoint_ns: namespace, channel, version } = row;
    const { type, blob } = openedBlob(keys, row, { thread, namespace });
    await tx.query(
      `UPDATE ${blobs} SET type = $5, blob = $6
       WHERE thread_id = $1 AND checkpoint_ns = $2 AND channel = $3 AND version = $4`,
      [thread, namespace, channel, version, type, blob],
    );
  }
  return rows.length;
}

async function openMetadata({ tx, checkpoints, thread, keys }: Job): Promise<number> {
  const { rows } = await tx.query<CheckpointFound>(
    `SELECT checkpoint_ns, checkpoint_id, metadata FROM ${checkpoints} WHERE thread_id = $1`,
    [thread],
  );
  let count = 0;
  for (const { checkpoint_ns: namespace, checkpoint_id: checkpoint, metadata } of rows) {
    const opened = JSON.stringify(openedMetadata(keys, { thread, namespace, checkpoint }, metadata));
    if (opened === JSON.stringify(metadata)) continue;
    count += 1;
    await tx.query(
      `UPDATE ${checkpoints} SET metadata = $4 WHERE thread_id = $1 AND checkpoint_ns = $2 AND checkpoint_id = $3`,
      [thread, namespace, checkpoint, opened],
    );
  }
  return count;
}
