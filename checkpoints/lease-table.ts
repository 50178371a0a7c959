/**
 * The leases as rows: who may run a thread, until when, under which fencing token. The server's clock alone counts.
 *
 * Used by `createLeases`, which holds them for a process. A token is drawn anew whenever a lease changes hands and
 * never comes back, so it tells a holder from every earlier one. Rows are kept when a lease ends.
 *
 * What waits for what: whoever writes under a lease takes FOR KEY SHARE on its row. A lease that changes hands gets a
 * new token, which is a key, so it waits for these writers; a renewal changes no key and waits for none.
 */
import type pg from "pg";

export interface LeaseKey {
  readonly thread: string;
  readonly token: string;
}

/** A lease that has not expired. */
export interface LiveLease extends LeaseKey {
  readonly holder: string;
  readonly since: Date;
  readonly expiresAt: Date;
}

export interface LeaseTable {
  /** Makes the table where it is missing. Not safe against itself: the caller holds a lock. */
  setup(): Promise<void>;
  /**
   * Takes the lease when it is free or expired, when `holder` has it already (so a lost answer can be asked for again),
   * or when it is the one called `dead`.
   *
   * @param holder - Another text on each taking.
   * @returns Its token; undefined when somebody else has it.
   */
  take(thread: string, holder: string, dead?: string): Promise<string | undefined>;
  /** The lease as it stands; undefined when nobody has it. */
  look(thread: string): Promise<LiveLease | undefined>;
  /** Extends those that are not expired; an expired one is lost. @returns The tokens of those that were extended. */
  renew(leases: readonly LeaseKey[]): Promise<Set<string>>;
  /** Ends the leases at once. Those that have another token by now are left alone. */
  release(leases: readonly LeaseKey[]): Promise<void>;
}

/**
 * @param schema - A checked identifier; it goes into SQL as it is.
 * @param ttlMs - How long a lease lasts from its last renewal.
 */
export function leaseTable(pool: pg.Pool, schema: string, ttlMs: number): LeaseTable {
  const leases = `"${schema}".leases`;
  const nextToken = `nextval('"${schema}".lease_tokens')`;
  const ttl = `interval '1 ms' * ${ttlMs}`;
  const columns = (keys: readonly LeaseKey[]) => [
    keys.map(({ thread }) => thread),
    keys.map(({ token }) => token),
  ];

  return {
    async setup() {
      await pool.query(`
        CREATE SEQUENCE IF NOT EXISTS "${schema}".lease_tokens;
        CREATE TABLE IF NOT EXISTS ${leases} (
          thread text PRIMARY KEY,
          holder text NOT NULL,
          token bigint NOT NULL UNIQUE,
          since timestamptz NOT NULL DEFAULT clock_timestamp(),
          expires_at timestamptz NOT NULL
        );`);
    },

    async take(thread, holder, dead) {
      const { rows } = await pool.query<{ token: string }>(
        `INSERT INTO ${leases} AS known (thread, holder, token, expires_at)
         VALUES ($1, $2, ${nextToken}, clock_timestamp() + ${ttl})
         ON CONFLICT (thread) DO UPDATE SET holder = EXCLUDED.holder, token = ${nextToken},
           since = clock_timestamp(), expires_at = clock_timestamp() + ${ttl}
         WHERE known.expires_at <= clock_timestamp() OR known.holder = EXCLUDED.holder OR known.token = $3
         RETURNING token`,
        [thread, holder, dead ?? null],
      );
      return rows[0]?.token;
    },

    async look(thread) {
      const { rows } = await pool.query<LiveLease>(
        `SELECT thread, holder, token, since, expires_at AS "expiresAt" FROM ${leases}
         WHERE thread = $1 AND expires_at > clock_timestamp()`,
        [thread],
      );
      return rows[0];
    },

    async renew(keys) {
      const { rows } = await pool.query<{ token: string }>(
        `UPDATE ${leases} l SET expires_at = clock_timestamp() + ${ttl}
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
  };
}
