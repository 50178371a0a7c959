/** What holds of the checkpointer holds of it with keys, and what is stored is legible nowhere. On one engine only. */
import { prune } from "#checkpoints/index.ts";
import { reseal } from "#checkpoints/reseal.ts";
import { configsSpec } from "../spec/checkpointer/configs.ts";
import { encryptionSpec } from "../spec/checkpointer/encryption.ts";
import { forksSpec } from "../spec/checkpointer/forks.ts";
import { listsSpec } from "../spec/checkpointer/lists.ts";
import { messagesSpec } from "../spec/checkpointer/messages.ts";
import { oldThreadsSpec } from "../spec/checkpointer/old-threads.ts";
import { randomEditsSpec } from "../spec/checkpointer/random-edits.ts";
import { retentionSpec } from "../spec/checkpointer/retention.ts";
import { writeOrderSpec } from "../spec/checkpointer/write-order.ts";
import { bytesSpec, writesAndValuesSpec } from "../spec/checkpointer/writes-and-values.ts";
import { onPglite, reusing } from "../support/database.ts";
import { officialSpec } from "./official.ts";
import { alone, changed, keysOf, mirrored, ours, stock } from "./savers.ts";

const keys = keysOf(1);

onPglite("sealed", (open) => {
  const emptied = reusing(open);
  const subject = async () => mirrored(await emptied(), keys);
  listsSpec(subject);
  messagesSpec(subject);
  writesAndValuesSpec(subject);
  forksSpec(subject);
  writeOrderSpec(subject);
  configsSpec(async () => alone(await emptied(), keys));
  bytesSpec(async () => alone(await emptied(), keys));
  randomEditsSpec(subject, { numRuns: 10 });
  oldThreadsSpec(async () => {
    const tables = await emptied();
    return { stock: stock(tables), again: () => ours(tables, keys) };
  });
  retentionSpec(async () => {
    const tables = await emptied();
    return { ...alone(tables, keys), prune: async (keepLast) => void (await prune(tables, { keepLast })) };
  });
  encryptionSpec(async () => {
    const tables = await emptied();
    const { pool, schema } = tables;
    const everything = async () => {
      const names = await pool.query<{ name: string }>(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = $1",
        [schema],
      );
      const rows: string[] = [];
      for (const { name } of names.rows) {
        const found = await pool.query<{ row: string }>(`SELECT t::text AS row FROM "${schema}"."${name}" t`);
        rows.push(...found.rows.map(({ row }) => row));
      }
      return rows.join("\n");
    };
    return {
      again: (...numbers) => {
        const [first, ...others] = numbers;
        return ours(tables, first === undefined ? undefined : keysOf(first, ...others));
      },
      stock: stock(tables),
      change: (sql) => changed(tables, sql),
      everything,
      reseal: (...numbers) => reseal(tables, keysOf(...numbers)),
    };
  });

  officialSpec("FaultlineSaver with keys", open, keys);
});
