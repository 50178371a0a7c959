/**
 * The state of circuit breakers as rows, for the processes that share a database. The server's clock alone counts.
 *
 * Made by `openPersistence`, used by `breaker`. Each statement is atomic by itself: of the changes that follow from one
 * turn the first wins, since the others find another turn. Turns come from a sequence, so that a row that was
 * deleted does not come back with an old one.
 */
import type pg from "pg";
import type { BreakerStates, SharedState } from "#src/isolation/index.ts";
import type { Part } from "./parts.ts";

const unknown: SharedState = { state: "closed", failures: 0, leftMs: 0, turn: "0" };

/** @param schema - A checked identifier; it goes into SQL as it is. */
export function breakerParts(schema: string): Part[] {
  return [
    { makes: ["breaker_turns"], sql: `CREATE SEQUENCE IF NOT EXISTS "${schema}".breaker_turns` },
    {
      makes: ["breakers"],
      sql: `CREATE TABLE IF NOT EXISTS "${schema}".breakers (
        name text PRIMARY KEY,
        state text NOT NULL,
        failures integer NOT NULL,
        until timestamptz NOT NULL,
        turn bigint NOT NULL
      )`,
    },
  ];
}

/** @param schema - A checked identifier; it goes into SQL as it is. */
export function breakerTable(pool: pg.Pool, schema: string): BreakerStates {
  const breakers = `"${schema}".breakers`;
  const nextTurn = `nextval('"${schema}".breaker_turns')`;
  const later = (ms: string) => `clock_timestamp() + interval '1 ms' * ${ms}::float8`;
  const columns = `state, failures, turn,
    greatest(0, extract(epoch FROM until - clock_timestamp()) * 1000)::float8 AS "leftMs"`;
  const one = async (sql: string, values: unknown[]): Promise<SharedState | undefined> =>
    (await pool.query<SharedState>(sql, values)).rows[0];
  const load = async (name: string): Promise<SharedState> =>
    (await one(`SELECT ${columns} FROM ${breakers} WHERE name = $1`, [name])) ?? unknown;

  return {
    load,

    async failed(name) {
      const counted = await one(
        `INSERT INTO ${breakers} AS known (name, state, failures, until, turn)
         VALUES ($1, 'closed', 1, clock_timestamp(), ${nextTurn})
         ON CONFLICT (name) DO UPDATE SET failures = known.failures + 1 WHERE known.state = 'closed'
         RETURNING ${columns}`,
        [name],
      );
      return counted ?? load(name);
    },

    async succeeded(name) {
      // Only a closed one has any.
      await pool.query(`UPDATE ${breakers} SET failures = 0 WHERE name = $1 AND failures > 0`, [name]);
    },

    move: (name, turn, to, forMs) =>
      to === "half_open"
        ? one(
            `UPDATE ${breakers} SET state = 'half_open', until = ${later("$3")}, turn = ${nextTurn}
             WHERE name = $1 AND turn = $2 AND state <> 'closed' AND until <= clock_timestamp()
             RETURNING ${columns}`,
            [name, turn, forMs],
          )
        : one(
            `INSERT INTO ${breakers} AS known (name, state, failures, until, turn)
             VALUES ($1, $3, 0, ${later("$4")}, ${nextTurn})
             ON CONFLICT (name) DO UPDATE
               SET state = EXCLUDED.state, failures = 0, until = EXCLUDED.until, turn = EXCLUDED.turn
             WHERE known.turn = $2
             RETURNING ${columns}`,
            [name, turn, to, forMs],
          ),
  };
}
