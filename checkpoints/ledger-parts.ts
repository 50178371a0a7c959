/** The tables of the ledger on Postgres, for `set-up.ts`. What stands in them is `ledger.ts`' matter. */
import type { Part } from "./parts.ts";

/** @param schema - A checked identifier; it goes into SQL as it is. */
export function ledgerParts(schema: string): Part[] {
  return [
    {
      makes: ["effects"],
      sql: `CREATE TABLE IF NOT EXISTS "${schema}".effects (
        key text PRIMARY KEY,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        thread text NOT NULL,
        name text NOT NULL,
        args json NOT NULL,
        status text NOT NULL DEFAULT 'claimed' CHECK (status IN ('claimed', 'done')),
        attempts integer NOT NULL DEFAULT 1,
        result json NOT NULL DEFAULT 'null',
        claimed_at timestamptz NOT NULL DEFAULT now()
      )`,
    },
    {
      makes: ["effects_by_thread"],
      sql: `CREATE INDEX IF NOT EXISTS effects_by_thread ON "${schema}".effects (thread, seq)`,
    },
    {
      makes: ["saga_steps"],
      sql: `CREATE TABLE IF NOT EXISTS "${schema}".saga_steps (
        saga text NOT NULL,
        name text NOT NULL,
        seq bigint GENERATED ALWAYS AS IDENTITY,
        effect text NOT NULL,
        undo text NOT NULL,
        args json NOT NULL,
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'undone', 'stuck')),
        problem json,
        PRIMARY KEY (saga, name)
      )`,
    },
  ];
}
