/**
 * The leases as rows: who may run a thread, until when, under which fencing token. The server's clock alone counts.
 *
 * Used by `createLeases`, which holds them for a process. A token is drawn anew whenever a lease changes hands and
 * never comes back, so it tells a holder from every earlier one. Rows are kept when a lease ends.
 *
 * What waits for what: whoever writes under a lease takes FOR KEY SHARE on its row. A lease that changes hands gets a
 * new token, which is a key, so it waits for these writers, though not for ever; a renewal changes no key and waits for
 * none.
 */
import type pg from "pg";
import { classify } from "#src/faults/index.ts";
import type { Part } from "./parts.ts";

export interface LeaseKey {
  readonly thread: string;
  readonly token: string;
}

export interface LeaseFound extends LeaseKey {
  readonly holder: string;
  /** As node-postgres reads it: ±Infinity for a time without end. */
  readonly since: Date | number;
  readonly expiresAt: Date | number;
  /** It has not expired. */
  readonly live: boolean;
}

export interface LeaseTable {
  /**
   * Takes the lease when it is free or expired, when `holder` has it already (so a lost answer can be asked for again),
   * or when it is the one called `dead`.
   *
   * @param holder - Another text on each taking.
   * @param onAsk - Called when the server is asked, which may be long after a client of the pool was.
   * @returns Its token; undefined when somebody else has it.
   * @throws What `isLockTimeout` tells, when a transaction on the thread did not end within the life of a lease.
   */
  take(thread: string, holder: string, dead?: string, onAsk?: () => void): Promise<string | undefined>;
  /** The lease that was taken last; undefined when there never was one. */
  look(thread: string): Promise<LeaseFound | undefined>;
  /** Extends those that are not expired; an expired one is lost. @returns The tokens of those that were extended. */
  renew(leases: readonly LeaseKey[]): Promise<Set<string>>;
  /** Ends the leases at once. Those that have another token by now are left alone. */
  release(leases: readonly LeaseKey[]): Promise<void>;
  /** Ends every lease at once. Only where no other process can be. */
  releaseAll(): Promise<void>;
}

export const isLockTimeout = (error: unknown): boolean => classify(error).code === "pg_55p03";

/** @param schema - A checked identifier; it goes into SQL as it is. */
export function leaseParts(schema: string): Part[] {
  return [
    { makes: ["lease_tokens"], sql: `CREATE SEQUENCE IF NOT EXISTS "${schema}".lease_tokens` },
    {
      makes: ["leases"],
      sql: `CREATE TABLE IF NOT EXISTS "${schema}".leases (
        thread text PRIMARY KEY,
        holder text NOT NULL,
        token bigint NOT NULL UNIQUE,
        since timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL
      )`,
    },
  ];
}

/**
 * @param schema - A checked identifier; it goes into SQL as it is.
 * @param ttlMs - How long a lease lasts from its last renewal.
 * @param renewals - Null when leases last until they are ended.
 */
export function leaseTable(
  pool: pg.Pool,
  schema: string,
  ttlMs: number,
  renewals: pg.Pool | null = pool,
): LeaseTable {
  const leases = `"${schema}".leases`;
  const nextToken = `nextval('"${schema}".lease_tokens')`;
  const end = renewals === null ? "'infinity'" : `clock_timestamp() + interval '1 ms' * ${ttlMs}`;
  const columns = (keys: readonly LeaseKey[]) => [
    keys.map(({ thread }) => thread),
    keys.map(({ token }) => token),
  ];

  return {
    async take(thread, holder, dead, onAsk = () => {}) {
      const client = await pool.connect();
      let failure: Error | undefined;
      onAsk();
      // In one statement, and so without a transaction: the timeout goes with it, and counts from the next lock on.
      const asked = client.query<{ token: string }>(
        `WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', $4, true))
         INSERT INTO ${leases} AS known (thread, holder, token, expires_at)
         SELECT $1, $2, ${nextToken}, ${end} FROM patience
         ON CONFLICT (thread) DO UPDATE SET holder = EXCLUDED.holder, token = ${nextToken},
           since = clock_timestamp(), expires_at = ${end}
         WHERE known.expires_at <= clock_timestamp() OR known.holder = EXCLUDED.holder OR known.token = $3
         RETURNING token`,
        [thread, holder, dead ?? null, String(Math.ceil(ttlMs))],
      );
      try {
        return (await asked).rows[0]?.token;
      } catch (error) {
        failure = error as Error; // The pool drops its client then, as after a query of its own.
        throw error;
      } finally {
        client.release(failure);
      }
    },

    async look(thread) {
      const { rows } = await pool.query<LeaseFound>(
        `SELECT thread, holder, token, since, expires_at AS "expiresAt", expires_at > clock_timestamp() AS live
         FROM ${leases} WHERE thread = $1`,
        [thread],
      );
      return rows[0];
    },

    async renew(keys) {
      const { rows } = await (renewals ?? pool).query<{ token: string }>(
        `UPDATE ${leases} l SET expires_at = ${end}
         FROM unnest($1::text[], $2::bigint[]) AS ours(thread, token)
         WHERE l.thread = ours.thread AND l.token = ours.token AND l.expires_at > clock_timestamp()
         RETURNING l.token`,
        columns(keys),
      );
      return new Set(rows.map(({ token }) => token));
    },

    async release(keys) {
      await pool.query(
        `UPDATE ${leases} l SET expires_at = '-infinity'
         FROM unnest($1::text[], $2::bigint[]) AS ours(thread, token)
         WHERE l.thread = ours.thread AND l.token = ours.token`,
        columns(keys),
      );
    },

    async releaseAll() {
      await pool.query(`UPDATE ${leases} SET expires_at = '-infinity' WHERE expires_at > clock_timestamp()`);
    },
  };
}
