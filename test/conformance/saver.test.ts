/** LangGraph's own specification of a checkpointer, against ours on both engines. */
import { validate } from "@langchain/langgraph-checkpoint-validation";
import * as vitest from "vitest";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { eachEngine, freshSchema } from "../support/database.ts";

// The suite takes its test functions from the global scope.
Object.assign(globalThis, vitest);

eachEngine("the checkpointer", (open, engine) => {
  let pool: Awaited<ReturnType<typeof open>>["pool"];
  const schemas = new Map<FaultlineSaver, string>();
  validate({
    checkpointerName: `FaultlineSaver on ${engine}`,
    async beforeAll() {
      pool = (await open()).pool;
    },
    beforeAllTimeout: 60_000,
    async createCheckpointer() {
      const schema = freshSchema();
      const saver = new FaultlineSaver(pool, undefined, { schema });
      schemas.set(saver, schema);
      await saver.setup();
      return saver;
    },
    async destroyCheckpointer(saver: FaultlineSaver) {
      await pool.query(`DROP SCHEMA "${schemas.get(saver)}" CASCADE`);
      schemas.delete(saver);
    },
  });
});
