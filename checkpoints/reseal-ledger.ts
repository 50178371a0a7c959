/** Seals anew, or opens for good, what the ledger has of effects and saga steps. Used by `reseal` and by `to-stock`. */
import { CannotOpenError, type Keys, type SealedPlace } from "./encryption.ts";
import type { Place } from "./idle-thread.ts";
import { sealedAt } from "./ledger-values.ts";
import { isSealedJson, isSealedWithFirstKey, openedJson, plainJsonText, sealedJson } from "./sealed-json.ts";

export interface RewrittenLedger {
  /** How many effects and steps were sealed anew, or opened. */
  readonly rewritten: number;
  /** What stands as it stood, and why: a sentence each. */
  readonly problems: readonly string[];
}

interface Row {
  readonly id: string[];
  readonly values: (string | null)[];
}

interface Table {
  readonly name: string;
  readonly keys: readonly [string, ...string[]];
  readonly columns: readonly string[];
  /** Of each column's value. */
  places(id: readonly string[]): SealedPlace[];
}

const tables: readonly Table[] = [
  {
    name: "effects",
    keys: ["key"],
    columns: ["args", "result"],
    places: ([key = ""]) => [sealedAt.args(key), sealedAt.result(key)],
  },
  {
    name: "saga_steps",
    keys: ["saga", "name"],
    columns: ["args", "problem"],
    places: ([saga = "", name = ""]) => [sealedAt.stepArgs(saga, name), sealedAt.stepProblem(saga, name)],
  },
];
const page = 100;

/** With the first key. A row at a time, while whatever runs goes on. */
export const resealLedger = (place: Place, keys: Keys): Promise<RewrittenLedger> =>
  rewritten(place, (at, text) => {
    const stored: unknown = JSON.parse(text);
    return isSealedWithFirstKey(keys, stored)
      ? text
      : JSON.stringify(sealedJson(keys, at, openedJson(keys, at, stored)));
  });

/** So that it is read without a key. What already stands legibly stays, also where there is no key. */
export const openLedger = (place: Place, keys: Keys | undefined): Promise<RewrittenLedger> =>
  rewritten(place, (at, text) => {
    const stored: unknown = JSON.parse(text);
    return isSealedJson(stored) ? plainJsonText(openedJson(keys, at, stored)) : text;
  });

/** @returns What stands at the place from now on. @throws CannotOpenError. */
type Rewrite = (place: SealedPlace, text: string) => string;

async function rewritten(place: Place, rewrite: Rewrite): Promise<RewrittenLedger> {
  let count = 0;
  const problems: string[] = [];
  for (const table of tables) {
    for await (const row of rowsOf(place, table)) {
      try {
        const done = await rewriteRow(place, table, row, rewrite);
        if (done === "rewritten") count += 1;
        if (done === "changed")
          problems.push(`${table.name} ${row.id.join(" ")} changed meanwhile: ask again.`);
      } catch (error) {
        if (!(error instanceof CannotOpenError)) throw error;
        problems.push(`${table.name} ${row.id.join(" ")} ${error.message}.`);
      }
    }
  }
  return { rewritten: count, problems };
}

async function* rowsOf({ pool, schema }: Place, { name, keys, columns }: Table): AsyncGenerator<Row> {
  const after = keys.map((_, i) => `$${i + 1}::text`).join(", ");
  const columnsAsText = columns.map((column) => `${column}::text`).join(", ");
  let last = keys.map(() => "");
  for (;;) {
    const { rows } = await pool.query<Row>(
      `SELECT ARRAY[${keys.join(", ")}] AS id, ARRAY[${columnsAsText}] AS values FROM "${schema}".${name}
       WHERE (${keys.join(", ")}) > (${after}) ORDER BY ${keys.join(", ")} LIMIT ${page}`,
      last,
    );
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined) return;
    last = end.id;
  }
}

async function rewriteRow(
  { pool, schema }: Place,
  table: Table,
  { id, values }: Row,
  rewrite: Rewrite,
): Promise<"as it was" | "rewritten" | "changed"> {
  const places = table.places(id);
  const anew = values.map((text, i) => {
    const place = places[i];
    return text === null || place === undefined ? text : rewrite(place, text);
  });
  if (anew.every((text, i) => text === values[i])) return "as it was";
  const n = table.keys.length;
  const where = [
    ...table.keys.map((key, i) => `${key} = $${i + 1}`),
    ...table.columns.map((column, i) => `${column}::text IS NOT DISTINCT FROM $${n + i + 1}`),
  ];
  const set = table.columns.map((column, i) => `${column} = $${n + table.columns.length + i + 1}::json`);
  const { rowCount } = await pool.query(
    `UPDATE "${schema}".${table.name} SET ${set.join(", ")} WHERE ${where.join(" AND ")}`,
    [...id, ...values, ...anew],
  );
  return rowCount === 1 ? "rewritten" : "changed";
}
