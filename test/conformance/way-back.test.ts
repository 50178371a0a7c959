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
