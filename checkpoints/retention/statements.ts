/** The SQL of retention, on the saver's tables. Used by `prune`. */
import { digestOfCheckpoint, type Tables } from "../saver/statements.ts";

/**
 * The threads that may have something to lose.
 *
 * $1: one thread, or null for all. $2: those of more checkpoints than this, or null. $3: those whose newest checkpoint
 * is of before this time (text as in a checkpoint's `ts`), or null.
 */
export const candidates = ({ checkpoints }: Tables): string => `
  SELECT thread_id AS thread
  FROM ${checkpoints} WHERE $1::text IS NULL OR thread_id = $1
  GROUP BY thread_id
  HAVING count(*) > $2::integer OR max(checkpoint ->> 'ts' COLLATE "C") < $3
  ORDER BY thread_id`;

/**
 * Whether the ledger still waits for something of a thread: an effect's outcome is unknown, or what a saga did is taken
 * back in part. A step that merely stands is of a saga that went well. $1: thread.
 *
 * @param schema - A checked identifier.
 */
export function unsettled(schema: string): string {
  const [effects, steps] = [`"${schema}".effects`, `"${schema}".saga_steps`];
  return `
  SELECT EXISTS (SELECT FROM ${effects} WHERE thread = $1 AND status = 'claimed')
    OR EXISTS (SELECT FROM ${steps} s JOIN ${effects} e ON e.key = s.effect WHERE e.thread = $1
      AND (s.status = 'stuck' OR s.status = 'open' AND (s.problem IS NOT NULL OR EXISTS (
        SELECT FROM ${steps} u JOIN ${effects} d ON d.key = u.effect WHERE u.saga = s.saga AND u.status = 'undone'))))
    AS unsettled`;
}

/** All checkpoints of a thread, without their values. $1: thread. */
export function standing({ checkpoints, blobs, writes }: Tables): string {
  const writeOf = (w: string) =>
    `${w}.thread_id = c.thread_id AND ${w}.checkpoint_ns = c.checkpoint_ns AND ${w}.checkpoint_id = c.checkpoint_id`;
  return `
  WITH delta AS MATERIALIZED (
    SELECT DISTINCT checkpoint_ns, k.key
    FROM ${checkpoints}, jsonb_each(CASE jsonb_typeof(metadata -> 'counters_since_delta_snapshot')
      WHEN 'object' THEN metadata -> 'counters_since_delta_snapshot' END) k
    WHERE thread_id = $1)
  SELECT c.checkpoint_ns AS namespace, c.checkpoint_id AS id, c.parent_checkpoint_id AS parent,
    c.checkpoint ->> 'ts' AS at, coalesce(c.metadata ->> 'source' IN ('update', 'fork'), false) AS edit,
    c.metadata -> 'parents' AS owners, (c.checkpoint ->> 'v')::numeric < 4 AS old,
    (c.digest IS NULL OR c.digest = ${digestOfCheckpoint("c")})
      AND jsonb_typeof(c.checkpoint -> 'channel_versions') = 'object' AS whole,
    EXISTS (SELECT FROM ${writes} w WHERE ${writeOf("w")} AND w.channel = '__pregel_tasks') AS sends,
    EXISTS (SELECT FROM ${writes} w WHERE ${writeOf("w")} AND w.channel = '__interrupt__' AND NOT EXISTS (
      SELECT FROM ${writes} d WHERE ${writeOf("d")} AND d.task_id = w.task_id AND d.idx >= 0)) AS asks,
    ARRAY (SELECT d.key FROM delta d WHERE d.checkpoint_ns = c.checkpoint_ns
      AND (c.checkpoint -> 'channel_versions' ? d.key OR c.metadata -> 'delta_writes_versioned' IS DISTINCT FROM 'true')
      AND NOT EXISTS (SELECT FROM ${blobs} b WHERE b.thread_id = c.thread_id AND b.checkpoint_ns = c.checkpoint_ns
        AND b.channel = d.key AND b.version = c.checkpoint -> 'channel_versions' ->> d.key AND b.type <> 'empty')) AS replays
  FROM ${checkpoints} c WHERE c.thread_id = $1`;
}

/**
 * Takes away checkpoints with their writes, and the values that nothing needs any more. Gives back how many of each, and
 * their bytes as stored.
 *
 * One statement, so that a value that is stored meanwhile is not taken for one that nobody needs.
 *
 * $1: thread. $2, $3: namespaces and ids of the checkpoints.
 *
 * @param dry - Only counts.
 */
export function removal(tables: Tables, dry: boolean): string {
  const { checkpoints, blobs, writes } = tables;
  const doomed = (row: string) =>
    `EXISTS (SELECT FROM doomed d WHERE d.ns = ${row}.checkpoint_ns AND d.id = ${row}.checkpoint_id)`;
  return `
  WITH RECURSIVE doomed AS MATERIALIZED (SELECT * FROM unnest($2::text[], $3::text[]) AS d(ns, id)),
  needed AS (
    (SELECT c.checkpoint_ns AS ns, v.key AS channel, v.value AS version
      FROM ${checkpoints} c, jsonb_each_text(c.checkpoint -> 'channel_versions') v
      WHERE c.thread_id = $1 AND NOT ${doomed("c")}
    UNION
    SELECT w.checkpoint_ns, w.channel, convert_from(w.blob, 'UTF8') FROM ${writes} w
      WHERE w.thread_id = $1 AND w.type IN ('same', 'same-item') AND NOT ${doomed("w")})
    UNION
    SELECT n.ns, n.channel, b.base FROM needed n JOIN ${blobs} b
      ON b.thread_id = $1 AND b.checkpoint_ns = n.ns AND b.channel = n.channel AND b.version = n.version
      WHERE b.base IS NOT NULL),
  ${removed(tables, dry, {
    checkpoints: doomed("c"),
    writes: doomed("w"),
    blobs: `NOT EXISTS (SELECT FROM needed n
      WHERE n.ns = b.checkpoint_ns AND n.channel = b.channel AND n.version = b.version)`,
  })}`;
}

/** Takes away all that the three tables have of a thread. $1: thread. @param dry - Only counts. */
export const removalOfThread = (tables: Tables, dry: boolean): string =>
  `WITH ${removed(tables, dry, { checkpoints: "true", writes: "true", blobs: "true" })}`;

function removed(
  { checkpoints, blobs, writes }: Tables,
  dry: boolean,
  which: { readonly checkpoints: string; readonly blobs: string; readonly writes: string },
): string {
  const from = (table: string, row: string, condition: string, bytes: string) => {
    const where = `${table} ${row} WHERE ${row}.thread_id = $1 AND ${condition}`;
    return dry
      ? `SELECT ${bytes} AS bytes FROM ${where}`
      : `DELETE FROM ${where} RETURNING ${bytes} AS bytes`;
  };
  return `
  c AS (${from(checkpoints, "c", which.checkpoints, "pg_column_size(c.checkpoint) + pg_column_size(c.metadata)")}),
  b AS (${from(blobs, "b", which.blobs, "coalesce(pg_column_size(b.blob), 0)")}),
  w AS (${from(writes, "w", which.writes, "pg_column_size(w.blob)")})
  SELECT (SELECT count(*) FROM c)::integer AS checkpoints, (SELECT count(*) FROM b)::integer AS blobs,
    (SELECT count(*) FROM w)::integer AS writes, (SELECT coalesce(sum(bytes), 0) FROM (
      SELECT bytes FROM c UNION ALL SELECT bytes FROM b UNION ALL SELECT bytes FROM w) t)::float8 AS bytes`;
}
