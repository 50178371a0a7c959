/** LangGraph's own specification of a checkpointer, against ours on both engines. */
import { validate } from "@langchain/langgraph-checkpoint-validation";
import * as vitest from "vitest";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { eachEngine, empty, freshSchema } from "../support/database.ts";

// The suite takes its test functions from the global scope.
Object.assign(globalThis, vitest);

eachEngine("the checkpointer", (open, engine) => {
  let pool: Awaited<ReturnType<typeof open>>["pool"];
  const schemas = new Map<FaultlineSaver, string>();
  /** Emptied, for the next one: setting up a schema takes a hundred times as long. */
  const free: string[] = [];
  validate({
    checkpointerName: `FaultlineSaver on ${engine}`,
    async beforeAll() {
      pool = (await open()).pool;
    },
    beforeAllTimeout: 60_000,
    async createCheckpointer() {
      const emptied = free.pop();
      const schema = emptied ?? freshSchema();
      const saver = new FaultlineSaver(pool, undefined, { schema });
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
});
