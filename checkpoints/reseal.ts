/**
 * Seals again with the first key what an older one sealed, or none. Afterwards the older keys can go.
 *
 * Used by `npm run checkpoints -- reseal`, once every process has the new key first in its list.
 *
 * @see docs/adr/0017-encryption-at-rest.md
 */
import type pg from "pg";
import type { Keys } from "./encryption.ts";
import { leftBecause, onIdleThread, type Place } from "./idle-thread.ts";
import { CheckpointDamagedError } from "./saver/damaged.ts";
import {
  type BlobFound,
  type CheckpointFound,
  checkBlob,
  checkWrite,
  openedBlob,
  openedWrite,
  type WriteFound,
} from "./saver/found.ts";
import { digestOfBlob, digestOfWrite, sameItemType, sameType } from "./saver/rows.ts";
import {
  openedMetadata,
  sealedBlob,
  sealedMetadata,
  sealedPrefix,
  sealedWrite,
  staysClear,
} from "./saver/sealed.ts";
import { digestOfCheckpoint, type Tables, tablesOf } from "./saver/statements.ts";
import { isSealedWithFirstKey } from "./sealed-json.ts";

export interface ResealedThread {
  readonly thread: string;
  /** Why it stands as it stood: another process runs it, something in it is damaged or has a key that is not given, or the database refused. */
  readonly left?: "running" | "damaged" | "failed";
  /** How many values, writes and metadata were sealed anew. */
  readonly sealed: number;
  /** Of a thread left as damaged or failed: what is wrong with it. */
  readonly problem?: string;
}

/** How many rows are in memory at once. */
const page = 100;

/**
 * Each thread in one transaction, all or nothing. Asking again is harmless: what the first key sealed stays as it is.
 *
 * @param place - Of an open persistence.
 * @returns The threads in which something was to do.
 */
export async function reseal(place: Place, keys: Keys): Promise<ResealedThread[]> {
  const { checkpoints, blobs, writes } = tablesOf(place.schema);
  const { rows } = await place.pool.query<{ thread: string }>(
    `SELECT thread_id AS thread FROM ${checkpoints} UNION SELECT thread_id FROM ${blobs}
     UNION SELECT thread_id FROM ${writes} ORDER BY thread`,
  );
  const results: ResealedThread[] = [];
  for (const { thread } of rows) {
    const result = await resealThread(place, keys, thread);
    if (result.left !== undefined || result.sealed > 0) results.push(result);
  }
  return results;
}

async function resealThread(place: Place, keys: Keys, thread: string): Promise<ResealedThread> {
  const tables = tablesOf(place.schema);
  try {
    const sealed = await onIdleThread(
      place,
      thread,
      async (tx) =>
        (await resealBlobs(tx, tables, keys, thread)) +
        (await resealWrites(tx, tables, keys, thread)) +
        (await resealMetadata(tx, tables, keys, thread)),
    );
    return sealed === "running" ? { thread, left: sealed, sealed: 0 } : { thread, sealed };
  } catch (error) {
    return { thread, sealed: 0, ...leftBecause(error) };
  }
}

const notYet = `NOT (type LIKE '${sealedPrefix}%' AND substr(blob, 1, octet_length($2::bytea)) = $2)`;

async function resealBlobs(tx: pg.PoolClient, { blobs }: Tables, keys: Keys, thread: string) {
  let count = 0;
  for (;;) {
    const { rows } = await tx.query<BlobFound>(
      `SELECT * FROM ${blobs} WHERE thread_id = $1 AND type <> 'empty' AND ${notYet} LIMIT ${page}`,
      [thread, keys[0].id],
    );
    if (rows.length === 0) return count;
    count += rows.length;
    for (const row of rows) {
      const place = { thread, namespace: row.checkpoint_ns };
      checkBlob(row, place);
      const { type, blob: bytes } = openedBlob(keys, row, place);
      const { checkpoint_ns: namespace, channel, version, base } = row;
      const names = { thread, namespace, channel, version, ...(base === null ? {} : { base }) };
      const sealed = sealedBlob(keys, { ...names, type, bytes: bytes ?? new Uint8Array() });
      await tx.query(
        `UPDATE ${blobs} SET type = $5, blob = $6, digest = $7
         WHERE thread_id = $1 AND checkpoint_ns = $2 AND channel = $3 AND version = $4`,
        [thread, namespace, channel, version, sealed.type, sealed.bytes, digestOfBlob(sealed)],
      );
    }
  }
}

async function resealWrites(tx: pg.PoolClient, { writes }: Tables, keys: Keys, thread: string) {
  let count = 0;
  for (;;) {
    const { rows } = await tx.query<WriteFound>(
      `SELECT * FROM ${writes}
       WHERE thread_id = $1 AND type NOT IN ('${sameType}', '${sameItemType}') AND ${notYet} LIMIT ${page}`,
      [thread, keys[0].id],
    );
    if (rows.length === 0) return count;
    count += rows.length;
    for (const row of rows) {
      const { checkpoint_ns: namespace, checkpoint_id: checkpoint, task_id: task, task_path: path } = row;
      const place = { thread, namespace, checkpoint };
      checkWrite(row, place);
      const { type, blob: bytes, idx, channel } = openedWrite(keys, row, place);
      const sealed = sealedWrite(keys, { ...place, task, path, idx, channel, type, bytes });
      await tx.query(
        `UPDATE ${writes} SET type = $6, blob = $7, digest = $8
         WHERE thread_id = $1 AND checkpoint_ns = $2 AND checkpoint_id = $3 AND task_id = $4 AND idx = $5`,
        [thread, namespace, checkpoint, task, idx, sealed.type, sealed.bytes, digestOfWrite(sealed)],
      );
    }
  }
}

async function resealMetadata(tx: pg.PoolClient, { checkpoints }: Tables, keys: Keys, thread: string) {
  const { rows } = await tx.query<CheckpointFound>(
    `SELECT checkpoint_ns, checkpoint_id, metadata, digest IS NULL OR digest = ${digestOfCheckpoint("c")} AS whole
     FROM ${checkpoints} c WHERE thread_id = $1`,
    [thread],
  );
  let count = 0;
  for (const { checkpoint_ns: namespace, checkpoint_id: checkpoint, metadata, whole } of rows) {
    if (isSealed(keys, metadata)) continue;
    const place = { thread, namespace, checkpoint };
    if (!whole) throw new CheckpointDamagedError(place, "its row is not what was written");
    const sealed = sealedMetadata(keys, place, openedMetadata(keys, place, metadata));
    await tx.query(
      `UPDATE ${checkpoints} c SET metadata = n.metadata, digest = CASE WHEN c.digest IS NOT NULL THEN n.digest END
       FROM (SELECT r.thread_id, r.checkpoint_ns, r.checkpoint_id, r.metadata, ${digestOfCheckpoint("r")} AS digest
         FROM (SELECT thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, $4::jsonb AS metadata,
           blobs FROM ${checkpoints} WHERE thread_id = $1 AND checkpoint_ns = $2 AND checkpoint_id = $3) r) n
       WHERE c.thread_id = n.thread_id AND c.checkpoint_ns = n.checkpoint_ns AND c.checkpoint_id = n.checkpoint_id`,
      [thread, namespace, checkpoint, JSON.stringify(sealed)],
    );
    count += 1;
  }
  return count;
}

const isSealed = (keys: Keys, metadata: object): boolean =>
  Object.entries(metadata).every(([key, value]) => staysClear(key) || isSealedWithFirstKey(keys, value));
