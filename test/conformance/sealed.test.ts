/** What holds of the checkpointer holds of it with keys, and what is stored is legible nowhere. On one engine only. */
import { validate } from "@langchain/langgraph-checkpoint-validation";
import * as vitest from "vitest";
import { prune } from "#checkpoints/index.ts";
import { reseal } from "#checkpoints/reseal.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
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
import { freshSchema, onPglite } from "../support/database.ts";
import { alone, changed, keysOf, mirrored, ours, stock } from "./savers.ts";

// The official suite takes its test functions from the global scope.
Object.assign(globalThis, vitest);

const keys = keysOf(1);

onPglite("sealed", (open) => {
  const subject = async () => mirrored(await open(), keys);
  listsSpec(subject);
  messagesSpec(subject);
  writesAndValuesSpec(subject);
  forksSpec(subject);
  writeOrderSpec(subject);
  configsSpec(async () => alone(await open(), keys));
  bytesSpec(async () => alone(await open(), keys));
  randomEditsSpec(subject, { numRuns: 10 });
  oldThreadsSpec(async () => {
    const tables = await open();
    return { stock: stock(tables), again: () => ours(tables, keys) };
  });
  retentionSpec(async () => {
    const tables = await open();
    return { ...alone(tables, keys), prune: async (keepLast) => void (await prune(tables, { keepLast })) };
  });
  encryptionSpec(async () => {
    const tables = await open();
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

  let pool: Awaited<ReturnType<typeof open>>["pool"];
  const schemas = new Map<FaultlineSaver, string>();
  validate({
    checkpointerName: "FaultlineSaver with keys",
    async beforeAll() {
      pool = (await open()).pool;
    },
    beforeAllTimeout: 60_000,
    async createCheckpointer() {
      const schema = freshSchema();
      const saver = new FaultlineSaver(pool, undefined, { schema, keys });
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
