/** LangGraph's own specification of a checkpointer, against ours: with keys and without. */
import { validate } from "@langchain/langgraph-checkpoint-validation";
import * as vitest from "vitest";
import type { Keys } from "#checkpoints/encryption.ts";
import type { Persistence } from "#checkpoints/index.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { empty, freshSchema } from "../support/database.ts";

// It takes its test functions from the global scope.
Object.assign(globalThis, vitest);

export function officialSpec(
  name: string,
  open: () => Promise<Pick<Persistence, "pool">>,
  keys?: Keys,
): void {
  let pool: Persistence["pool"];
  const schemas = new Map<FaultlineSaver, string>();
  /** Emptied, for the next one: setting up a schema takes a hundred times as long. */
  const free: string[] = [];
  validate({
    checkpointerName: name,
    async beforeAll() {
      pool = (await open()).pool;
    },
    beforeAllTimeout: 60_000,
    async createCheckpointer() {
      const emptied = free.pop();
      const schema = emptied ?? freshSchema();
      const saver = new FaultlineSaver(pool, undefined, { schema, keys });
      if (emptied === undefined) await saver.setup();
      schemas.set(saver, schema);
      return saver;
    },
    async destroyCheckpointer(saver: FaultlineSaver) {
      const schema = schemas.get(saver) ?? "";
      await empty({ pool, schema });
      schemas.delete(saver);
      free.push(schema);
    },
    async afterAll() {
      for (const schema of free.splice(0)) await pool.query(`DROP SCHEMA "${schema}" CASCADE`);
    },
  });
}
