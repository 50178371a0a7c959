import { expect } from "vitest";
import { parseKeys } from "#checkpoints/encryption.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { toStock } from "#checkpoints/to-stock.ts";
import { wayBackSpec } from "../spec/checkpointer/way-back.ts";
import { eachEngine } from "../support/database.ts";
import { ours, stock } from "./savers.ts";

eachEngine("the way back", (open) =>
  wayBackSpec(
    async () => {
      const tables = await open();
      return {
        stock: stock(tables),
        again: () => ours(tables),
        toStock: async (thread) => void (await toStock(tables, { thread })),
      };
    },
    { numRuns: 8 },
  ),
);

eachEngine("the way back of what is sealed", (open) => {
  const keys = parseKeys(Buffer.alloc(32, 7).toString("base64"));
  wayBackSpec(
    async () => {
      const tables = await open();
      const { pool, schema } = tables;
      return {
        stock: stock(tables),
        again: () => new FaultlineSaver(pool, undefined, { schema, keys }),
        toStock: async (thread) => {
          await toStock(tables, { thread }, keys);
          const { rows } = await pool.query(
            `SELECT type FROM "${schema}".checkpoint_writes WHERE thread_id = $1
             UNION SELECT type FROM "${schema}".checkpoint_blobs WHERE thread_id = $1`,
            [thread],
          );
          for (const { type } of rows) expect(["json", "bytes", "empty"]).toContain(type);
        },
      };
    },
    { numRuns: 4 },
  );
});
