import { prune } from "#checkpoints/index.ts";
import { randomRetentionSpec } from "../spec/checkpointer/random-retention.ts";
import { retentionSpec } from "../spec/checkpointer/retention.ts";
import { eachEngine, reusing } from "../support/database.ts";
import { alone } from "./savers.ts";

eachEngine("retention", (open) => {
  const emptied = reusing(open);
  retentionSpec(async () => {
    const tables = await emptied();
    return {
      ...alone(tables),
      prune: async (keepLast) => {
        const before = await prune(tables, { keepLast, dryRun: true });
        const gone = await prune(tables, { keepLast });
        if (JSON.stringify(before) !== JSON.stringify(gone)) throw new Error("a dry run that said otherwise");
      },
    };
  });
});

eachEngine("retention at random", (open) =>
  randomRetentionSpec(
    async () => {
      const tables = await open();
      return {
        again: alone(tables).again,
        prune: async (thread, keepLast) => void (await prune(tables, { thread, keepLast })),
      };
    },
    { numRuns: 25 },
  ),
);
