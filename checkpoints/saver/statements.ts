/** The saver's SQL: its own columns, one statement that writes a batch, one that reads checkpoints with all they need. */
import { refusedAmong } from "../fence.ts";

/** The newest layout that this code knows. A change that older code would misread raises it. */
export const format = 1;

/** Of the stock saver, the number of its last migration (checkpoint-postgres 1.0.5). */
export const stockMigration = 4;

export interface Tables {
  readonly checkpoints: string;
  readonly blobs: string;
  readonly writes: string;
  readonly format: string;
  readonly migrations: string;
  readonly leases: string;
}

/** @param schema - A checked identifier; it goes into SQL as it is. */
export function tablesOf(schema: string): Tables {
  return {
    checkpoints: `"${schema}".checkpoints`,
    blobs: `"${schema}".checkpoint_blobs`,
    writes: `"${schema}".checkpoint_writes`,
    format: `"${schema}".checkpoint_format`,
    migrations: `"${schema}".checkpoint_migrations`,
    leases: `"${schema}".leases`,
  };
}

/** In the database, because only there is the text that jsonb makes of a document. */
export const digestOfCheckpoint = (row: string): string =>
  `('x' || left(md5(concat_ws('|', ${row}.thread_id, ${row}.checkpoint_ns, ${row}.checkpoint_id,
     ${row}.parent_checkpoint_id, ${row}.checkpoint, ${row}.metadata, ${row}.blobs)), 8))::bit(32)::integer`;

/**
 * Writes a batch: all of it, in one round trip and one transaction, whatever its size. One shape, so it is prepared once.
 *
 * Values come in one binary parameter, from which each row takes its slice: no escaping on this side, no parsing on
 * the other.
 *
 * @param fenced - Leaves out the threads whose lease another process holds, and returns their names.
 */
export function writeBatch({ checkpoints, blobs, writes, leases }: Tables, fenced: boolean): string {
  const slice = (offset: string, length: string) => `substr($1::bytea, ${offset}, ${length})`;
  const text = (offset: string, length: string) => `convert_from(${slice(offset, length)}, 'UTF8')`;
  const allowed = fenced ? "AND t.thread_id <> ALL (ARRAY(SELECT thread FROM refused))" : "";
  const refused = refusedAmong(leases, "$30::text[]", "$31::bigint[]");
  return `
  WITH ${fenced ? `${refused},` : ""}
  written AS (
    INSERT INTO ${writes} (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob, task_path, digest)
    SELECT thread_id, ns, id, task_id, idx, channel, type, ${slice("start", "size")}, path, digest
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::text[], $9::text[],
      $10::integer[], $11::integer[], $12::integer[])
      AS t(thread_id, ns, id, task_id, idx, channel, type, path, digest, start, size)
    WHERE true ${allowed}
    ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx) DO UPDATE SET channel = EXCLUDED.channel,
      type = EXCLUDED.type, blob = EXCLUDED.blob, task_path = EXCLUDED.task_path, digest = EXCLUDED.digest
    WHERE EXCLUDED.idx < 0), -- An ordinary write stays what it was, a special one is replaced.
  valued AS (
    INSERT INTO ${blobs} (thread_id, checkpoint_ns, channel, version, type, base, digest, blob)
    SELECT thread_id, ns, channel, version, type, base, digest, ${slice("start", "size")}
    FROM unnest($13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::integer[],
      $20::integer[], $21::integer[]) AS t(thread_id, ns, channel, version, type, base, digest, start, size)
    WHERE true ${allowed}
    ON CONFLICT (thread_id, checkpoint_ns, channel, version) DO NOTHING),
  pointed AS (
    INSERT INTO ${checkpoints}
      (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata, blobs, digest)
    SELECT t.*, ${digestOfCheckpoint("t")} FROM (
      SELECT thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id,
        ${text("start", "size")}::jsonb AS checkpoint, ${text("start + size", "metadata_size")}::jsonb AS metadata, blobs
      FROM unnest($22::text[], $23::text[], $24::text[], $25::text[], $26::integer[], $27::integer[], $28::integer[],
        $29::integer[]) AS c(thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, blobs, start, size,
        metadata_size)) t
    WHERE true ${allowed}
    ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id) DO UPDATE SET
      checkpoint = EXCLUDED.checkpoint, metadata = EXCLUDED.metadata, blobs = EXCLUDED.blobs, digest = EXCLUDED.digest)
  ${fenced ? "SELECT thread FROM refused" : "SELECT NULL AS thread WHERE false"}`;
}

/**
 * Reads the checkpoints that `where` picks, their writes, and each blob that one of them needs, parts before it included.
 *
 * @param where - Predicate, order and limit over the checkpoints table, called `c`.
 * @returns SQL of rows of three kinds: "checkpoint" (in the order asked for), "blob", "write".
 */
export function readCheckpoints({ checkpoints, blobs, writes }: Tables, where: string): string {
  return `
  WITH RECURSIVE picked AS MATERIALIZED (SELECT c.* FROM ${checkpoints} c ${where}),
  needed AS (
    SELECT p.thread_id, p.checkpoint_ns, v.key AS channel, v.value AS version
    FROM picked p, jsonb_each_text(CASE jsonb_typeof(p.checkpoint -> 'channel_versions')
      WHEN 'object' THEN p.checkpoint -> 'channel_versions' END) v
    UNION
    SELECT n.thread_id, n.checkpoint_ns, n.channel, b.base
    FROM needed n JOIN ${blobs} b
      ON b.thread_id = n.thread_id AND b.checkpoint_ns = n.checkpoint_ns AND b.channel = n.channel AND b.version = n.version
    WHERE b.base IS NOT NULL)
  SELECT 'checkpoint' AS kind, p.thread_id, p.checkpoint_ns, p.checkpoint_id, p.parent_checkpoint_id, p.checkpoint,
    p.metadata, p.blobs, p.digest IS NULL OR p.digest = ${digestOfCheckpoint("p")} AS whole,
    NULL::text AS channel, NULL::text AS version, NULL::text AS base, NULL::text AS type, NULL::bytea AS blob,
    NULL::integer AS digest, NULL::text AS task_id, NULL::integer AS idx, NULL::text AS task_path,
    NULL::bytea AS same_blob, NULL::text AS same_type, NULL::integer AS same_digest
  FROM picked p
  UNION ALL
  SELECT 'blob', b.thread_id, b.checkpoint_ns, NULL, NULL, NULL, NULL, NULL, NULL,
    b.channel, b.version, b.base, b.type, b.blob, b.digest, NULL, NULL, NULL, NULL, NULL, NULL
  FROM needed n JOIN ${blobs} b
    ON b.thread_id = n.thread_id AND b.checkpoint_ns = n.checkpoint_ns AND b.channel = n.channel AND b.version = n.version
  UNION ALL
  SELECT 'write', w.thread_id, w.checkpoint_ns, w.checkpoint_id, NULL, NULL, NULL, NULL, NULL,
    w.channel, s.version, s.base, w.type, w.blob, w.digest, w.task_id, w.idx, w.task_path, s.blob, s.type, s.digest
  FROM picked p JOIN ${writes} w
    ON w.thread_id = p.thread_id AND w.checkpoint_ns = p.checkpoint_ns AND w.checkpoint_id = p.checkpoint_id
  LEFT JOIN ${blobs} s
    ON s.thread_id = w.thread_id AND s.checkpoint_ns = w.checkpoint_ns AND s.channel = w.channel
    AND s.version = CASE WHEN w.type IN ('same', 'same-item') THEN convert_from(w.blob, 'UTF8') END`;
}

/** A namespace of thread $1 that has values and no checkpoint: $2, or whichever when that is null. One row or none. */
export function valuesAlone({ checkpoints, blobs }: Tables): string {
  return `SELECT b.checkpoint_ns AS namespace FROM ${blobs} b
    WHERE b.thread_id = $1 AND ($2::text IS NULL OR b.checkpoint_ns = $2) AND NOT EXISTS (
      SELECT FROM ${checkpoints} c WHERE c.thread_id = b.thread_id AND c.checkpoint_ns = b.checkpoint_ns)
    LIMIT 1`;
}
