/** The shop as given: taken over from files once, and then left as it is. */
import { createHash } from "node:crypto";
import { StartUpError } from "#checkpoints/start-up-error.ts";
import { phrasesInOrder, phrasesInUser } from "./phrases.ts";
import type { ShopData } from "./records.ts";
import type { Queryable } from "./shop.ts";
import type { ShopTables } from "./tables.ts";

/** Part of the hash: a shop that was loaded into other tables is loaded anew. */
const layout = 3;

/** Makes `data` the given shop, in the caller's transaction. {@link ShopStore.load} says what it promises. */
export async function replaceGiven(
  tx: Queryable,
  tables: ShopTables,
  schema: string,
  data: ShopData,
): Promise<"loaded" | "unchanged"> {
  const hash = createHash("sha256")
    .update(`${layout} ${JSON.stringify(data)}`)
    .digest("hex");
  // Also the lock: a second process waits here until the first has loaded, and then finds its hash.
  await tx.query(`INSERT INTO ${tables.source} (hash) VALUES ('') ON CONFLICT DO NOTHING`);
  const source = await tx.query<{ hash: string }>(`SELECT hash FROM ${tables.source} FOR UPDATE`);
  if (source.rows[0]?.hash === hash) return "unchanged";
  const work = await tx.query<{ count: number }>(
    `SELECT count(DISTINCT branch)::int AS count FROM ${tables.writes}`,
  );
  const branches = work.rows[0]?.count ?? 0;
  if (branches > 0) {
    throw new StartUpError(
      `schema "${schema}" holds another shop, on which ${branches} ticket(s) have written: ` +
        "name another schema for this shop, or drop that one",
    );
  }
  await tx.query(`DELETE FROM ${tables.changes}`);
  await tx.query(`DELETE FROM ${tables.records}`);
  for (const [kind, table] of [
    ["order", data.orders],
    ["product", data.products],
    ["user", data.users],
  ] as const) {
    await tx.query(
      `INSERT INTO ${tables.records} (kind, id, data) SELECT $1, key, value FROM jsonb_each($2::jsonb)`,
      [kind, JSON.stringify(table)],
    );
  }
  const phrases = [
    ...Object.entries(data.users).flatMap(([id, user]) => phrasesInUser(id, user)),
    ...Object.entries(data.orders).flatMap(([id, order]) => phrasesInOrder(id, order)),
  ];
  await tx.query(`DELETE FROM ${tables.phrases}`);
  await tx.query(
    `INSERT INTO ${tables.phrases} (plain, kind, id, phrase, owner)
     SELECT plain, kind, id, phrase, owner FROM jsonb_to_recordset($1::jsonb)
       AS p (plain text, kind text, id text, phrase text, owner text)`,
    [JSON.stringify(phrases)],
  );
  await tx.query(`UPDATE ${tables.source} SET hash = $1`, [hash]);
  return "loaded";
}
