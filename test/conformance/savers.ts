/** The savers that the checkpointer suite runs against, and the one place that knows how to make them. */
import { MemorySaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { type Keys, parseKeys } from "#checkpoints/encryption.ts";
import type { Persistence } from "#checkpoints/index.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { Mirror } from "../spec/checkpointer/mirror.ts";
import type { Subject } from "../spec/checkpointer/subject.ts";

type Tables = Pick<Persistence, "pool" | "schema">;

export const ours = ({ pool, schema }: Tables, keys?: Keys): FaultlineSaver =>
  new FaultlineSaver(pool, undefined, { schema, keys });
export const stock = ({ pool, schema }: Tables): PostgresSaver =>
  new PostgresSaver(pool, undefined, { schema });

/** Ours alone, for what MemorySaver is no measure of. */
export function alone(tables: Tables, keys?: Keys): Subject {
  const again = () => ours(tables, keys);
  return { saver: again(), again };
}

/** Ours, compared with MemorySaver at each step. */
export function mirrored(tables: Tables, keys?: Keys): Subject {
  const memory = new MemorySaver();
  const again = () => new Mirror(() => ours(tables, keys), memory);
  return { saver: again(), again };
}

export function inMemory(): Subject {
  const saver = new MemorySaver();
  return {
    saver,
    again: () => Object.assign(new MemorySaver(), { storage: saver.storage, writes: saver.writes }),
  };
}

/** Keys that are the same each time. The first number is the one that seals. */
export function keysOf(...numbers: [number, ...number[]]): Keys {
  const keys = parseKeys(keyTextOf(...numbers));
  if (keys === undefined) throw new Error("no keys");
  return keys;
}

/** As FAULTLINE_ENCRYPTION_KEY has them. */
export const keyTextOf = (...numbers: number[]): string =>
  numbers.map((number) => Buffer.alloc(32, number).toString("base64")).join(",");

/** In `sql`, CHECKPOINTS, BLOBS and WRITES stand for the tables. @returns How many rows were touched. */
export async function changed({ pool, schema }: Tables, sql: string): Promise<number> {
  const names = { CHECKPOINTS: "checkpoints", BLOBS: "checkpoint_blobs", WRITES: "checkpoint_writes" };
  const named = sql.replace(
    /CHECKPOINTS|BLOBS|WRITES/g,
    (table) => `"${schema}".${names[table as keyof typeof names]}`,
  );
  return (await pool.query(named)).rowCount ?? 0;
}
