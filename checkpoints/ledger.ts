/**
 * The effect ledger on Postgres, in the schema that also holds the checkpoints.
 *
 * Opened by `openPersistence`; nodes reach it through `effects` and `createSaga`. On PGlite the pool has one client,
 * so what runs inside `transact` must use the client it is given. A thread named by a number is that of its text.
 *
 * Values stand as `json`, not `jsonb`: the latter sorts keys and refuses \u0000, so that a replay would give back
 * something else than the first run did. Tables only grow, until a thread is forgotten.
 */
import type pg from "pg";
import type { Json } from "#src/faults/index.ts";
import {
  assertSameArgs,
  assertStorable,
  type EffectClaim,
  type EffectEntry,
  type EffectLedger,
  plainJson,
  type SagaStep,
} from "#src/recovery/index.ts";
import type { Keys } from "./encryption.ts";
import { type Fence, refusedAmong } from "./fence.ts";
import { ledgerValues, sealedAt } from "./ledger-values.ts";
import { onBehalfOf } from "./persistence-error.ts";
import { threadOf } from "./saver/place.ts";
import { inTransaction } from "./transaction.ts";

export interface LedgerOptions {
  /**
   * How long what runs inside `transact` may go without a statement, in ms, before it is rolled back. Default: as the
   * server is set, mostly for ever. Never for PGlite (0.5.14), which hangs when the time is up.
   */
  readonly idleMs?: number | undefined;
  /** Seal arguments, results and problems. Default: they stand legibly. */
  readonly keys?: Keys | undefined;
}

interface ClaimRow {
  status: "claimed" | "done";
  attempts: number;
  args: Json;
  result: Json;
}

/**
 * @param schema - A checked identifier; it goes into SQL as it is.
 * @param fence - Refuses claims and saga steps on a thread that somebody else runs. What is known of an effect may always be recorded.
 */
export function postgresLedger(
  pool: pg.Pool,
  schema: string,
  fence: Fence,
  { idleMs, keys }: LedgerOptions = {},
): EffectLedger<pg.PoolClient> {
  const effects = `"${schema}".effects`;
  const steps = `"${schema}".saga_steps`;
  /** Of a thread $1 with the token $2. */
  const refused = refusedAmong(`"${schema}".leases`, "ARRAY[$1::text]", "ARRAY[$2::bigint]");

  const { toStore, read } = ledgerValues(keys);

  async function claimOn(
    on: pg.Pool | pg.PoolClient,
    { key, thread: id, name, args }: EffectClaim,
  ): Promise<ClaimRow> {
    const thread = threadOf(id);
    assertStorable({ key, thread, name });
    const values = [thread, fence.tokenOf(thread) ?? null, key, name, toStore(sealedAt.args(key), args)];
    const { rows } = await onBehalfOf(thread, `the effect "${name}" was not claimed, and is not made`, () =>
      on.query<ClaimRow>(
        `WITH ${refused}
         INSERT INTO ${effects} AS known (key, thread, name, args)
         SELECT $3, $1, $4, $5::json WHERE NOT EXISTS (SELECT FROM refused)
         ON CONFLICT (key) DO UPDATE SET attempts = known.attempts + CASE known.status WHEN 'claimed' THEN 1 ELSE 0 END
         RETURNING status, attempts, args, result`,
        values,
      ),
    );
    const [row] = rows;
    if (row === undefined) throw fence.refusal(thread);
    return opened(key, row);
  }

  const opened = <T extends Pick<ClaimRow, "args" | "result">>(key: string, row: T): T => ({
    ...row,
    args: read(sealedAt.args(key), row.args),
    result: read(sealedAt.result(key), row.result),
  });

  /**
   * Fails on behalf of a thread that is asked for only now.
   *
   * @param lookup - SQL that finds it by `$1`, which is `key`.
   * @param otherwise - Stands for it where that cannot be answered.
   */
  async function failFor(
    error: unknown,
    what: string,
    lookup: string,
    key: string,
    otherwise = key,
  ): Promise<never> {
    const thread = await pool.query<{ thread: string }>(lookup, [key]).then(
      ({ rows }) => rows[0]?.thread ?? otherwise,
      () => otherwise,
    );
    return onBehalfOf(thread, what, () => Promise.reject(error));
  }

  async function recordOn(on: pg.Pool | pg.PoolClient, key: string, result: Json): Promise<Json> {
    const { rows } = await on.query<{ result: Json }>(
      `UPDATE ${effects} SET status = 'done', result = CASE status WHEN 'done' THEN result ELSE $2 END
       WHERE key = $1 RETURNING result`,
      [key, toStore(sealedAt.result(key), plainJson(result))],
    );
    const [row] = rows;
    if (row === undefined) throw new RangeError(`record: no effect is claimed under ${key}`);
    return read(sealedAt.result(key), row.result);
  }

  return {
    async claim(effect) {
      const { status, attempts, args, result } = await claimOn(pool, effect);
      assertSameArgs(effect, args);
      return status === "done" ? { status, result } : { status: "run", attempt: attempts };
    },

    record: (key, result) =>
      recordOn(pool, key, result).catch((error: unknown) => {
        const what = "the outcome of an effect that was made was not recorded";
        return failFor(error, what, `SELECT thread FROM ${effects} WHERE key = $1`, key);
      }),

    async transact(effect, run) {
      // What `run` throws is its caller's own, though it may come from this database too.
      let own: { readonly error: unknown } | undefined;
      const what = `the transaction of the effect "${effect.name}" was not seen to commit: it is there as a whole, or not at all`;
      try {
        return await onBehalfOf(threadOf(effect.thread), what, () =>
          inTransaction(
            pool,
            async (tx) => {
              // The row lock makes a second process wait here, and find the effect done.
              const { status, args, result } = await claimOn(tx, effect);
              assertSameArgs(effect, args);
              if (status === "done") return result;
              const made = await run(tx).catch((error: unknown) => {
                own = { error };
                throw error;
              });
              return recordOn(tx, effect.key, made);
            },
            { idleMs },
          ),
        );
      } catch (error) {
        throw own === undefined ? error : own.error;
      }
    },

    async entries(id) {
      const thread = threadOf(id);
      const { rows } = await onBehalfOf(thread, "its effects were not read", () =>
        pool.query<EffectEntry>(
          `SELECT key, thread, name, args, status, attempts, result FROM ${effects} WHERE thread = $1 ORDER BY seq`,
          [thread],
        ),
      );
      return rows.map((row) => opened(row.key, row));
    },

    async register(id, { saga, name, effect, undo, args }) {
      const thread = threadOf(id);
      assertStorable({ thread, saga, name, effect, undo });
      const claimed = `EXISTS (SELECT FROM ${effects} WHERE key = known.effect)`;
      const stored = toStore(sealedAt.stepArgs(saga, name), args);
      const values = [thread, fence.tokenOf(thread) ?? null, saga, name, effect, undo, stored];
      const { rows } = await onBehalfOf(
        thread,
        `the step "${name}" was not registered, and is not made`,
        () =>
          pool.query<Pick<SagaStep, "status">>(
            `WITH ${refused}
           INSERT INTO ${steps} AS known (saga, name, effect, undo, args)
           SELECT $3, $4, $5, $6, $7::json WHERE NOT EXISTS (SELECT FROM refused)
           ON CONFLICT (saga, name) DO UPDATE SET
             undo = CASE WHEN ${claimed} THEN known.undo ELSE EXCLUDED.undo END,
             args = CASE WHEN ${claimed} THEN known.args ELSE EXCLUDED.args END
           RETURNING status`,
            values,
          ),
      );
      const [row] = rows;
      if (row === undefined) throw fence.refusal(thread);
      return row.status;
    },

    async steps(saga) {
      const asked = pool.query<SagaStep & { problem: string | null }>(
        `SELECT s.saga, s.name, s.effect, s.undo, s.args, s.status, s.problem,
           row_number() OVER (ORDER BY s.seq)::integer AS seq,
           CASE e.status WHEN 'done' THEN 'done' WHEN 'claimed' THEN 'unknown' ELSE 'none' END AS outcome,
           coalesce(e.result, 'null') AS result
         FROM ${steps} s LEFT JOIN ${effects} e ON e.key = s.effect
         WHERE s.saga = $1 ORDER BY s.seq`,
        [saga],
      );
      const lookup = `SELECT e.thread FROM ${steps} s JOIN ${effects} e ON e.key = s.effect WHERE s.saga = $1 LIMIT 1`;
      const { rows } = await asked.catch((error: unknown) =>
        failFor(error, "the steps of its saga were not read", lookup, saga, `of saga ${saga}`),
      );
      return rows.map(({ problem, args, result, ...step }) => ({
        ...step,
        args: read(sealedAt.stepArgs(saga, step.name), args),
        result: read(sealedAt.result(step.effect), result),
        ...(problem === null
          ? {}
          : { problem: read(sealedAt.stepProblem(saga, step.name), problem) as string }),
      }));
    },

    // The problem is JSON too: it is the message of a stranger's error, which may hold any character.
    async settle(id, saga, name, status, problem) {
      const thread = threadOf(id);
      const stored = problem === undefined ? null : toStore(sealedAt.stepProblem(saga, name), problem);
      const values = [thread, fence.tokenOf(thread) ?? null, saga, name, status, stored];
      const { rows } = await onBehalfOf(thread, `how the step "${name}" stands was not recorded`, () =>
        pool.query<{ refused: boolean; settled: boolean }>(
          `WITH ${refused}, settled AS (
             UPDATE ${steps} SET status = $5, problem = $6::json
             WHERE saga = $3 AND name = $4 AND NOT EXISTS (SELECT FROM refused) RETURNING 1)
           SELECT EXISTS (SELECT FROM refused) AS refused, EXISTS (SELECT FROM settled) AS settled`,
          values,
        ),
      );
      const done = only(rows);
      if (done.refused) throw fence.refusal(thread);
      if (!done.settled) throw new RangeError(`settle: saga ${saga} has no step ${name}`);
    },
  };
}

function only<T>(rows: T[]): T {
  const [row] = rows;
  if (row === undefined) throw new RangeError(`expected one row, got ${rows.length}`);
  return row;
}
