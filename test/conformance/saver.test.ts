/** LangGraph's own specification of a checkpointer, against ours on both engines. */
import { validate } from "@langchain/langgraph-checkpoint-validation";
import * as vitest from "vitest";
import { ForkSafeSaver } from "#checkpoints/saver.ts";
import { eachEngine, freshSchema } from "../support/database.ts";

// The suite takes its test functions from the global scope.
Object.assign(globalThis, vitest);

eachEngine("the checkpointer", (open, engine) => {
  let pool: Awaited<ReturnType<typeof open>>["pool"];
  const schemas = new Map<ForkSafeSaver, string>();
  validate({
    checkpointerName: `ForkSafeSaver on ${engine}`,
    async beforeAll() {
      pool = (await open()).pool;
    },
    beforeAllTimeout: 60_000,
    async createCheckpointer() {
      const schema = freshSchema();
      const saver = new ForkSafeSaver(pool, undefined, { schema });
      schemas.set(saver, schema);
      await saver.setup();
      return saver;
    },
    async destroyCheckpointer(saver: ForkSafeSaver) {
      await pool.query(`DROP SCHEMA "${schemas.get(saver)}" CASCADE`);
      schemas.delete(saver);
    },
  });
});
