/**
 * Finds checkpoints in the tables: by place and order, by what their metadata say, and what is missing where there was
 * one.
 *
 * Used by the saver. What a row must satisfy to be believed is in `found.ts`, how checkpoints are put together in
 * `reader.ts`.
 */
import { createHash } from "node:crypto";
import type { SerializerProtocol } from "@langchain/langgraph-checkpoint";
import type pg from "pg";
import type { Keys } from "../encryption.ts";
import { patiently } from "../patiently.ts";
import { onBehalfOf } from "../persistence-error.ts";
import { CheckpointDamagedError } from "./damaged.ts";
import { fits, mayFit } from "./filter.ts";
import type { CheckpointFound, Found } from "./found.ts";
import { Findings, placeOf } from "./reader.ts";
import { readCheckpoints, tablesOf, valuesAlone } from "./statements.ts";

/** Of `list`: so many are in memory at once. */
const pageSize = 100;

export class Lookup {
  readonly #pool: pg.Pool;
  readonly #schema: string;
  readonly #patienceMs: number;
  readonly #serde: SerializerProtocol;
  readonly #keys: Keys | undefined;

  constructor(
    pool: pg.Pool,
    schema: string,
    patienceMs: number,
    serde: SerializerProtocol,
    keys: Keys | undefined,
  ) {
    this.#pool = pool;
    this.#schema = schema;
    this.#patienceMs = patienceMs;
    this.#serde = serde;
    this.#keys = keys;
  }

  /** @param thread - Undefined for those of all. */
  async find(thread: string | undefined, where: string, values: unknown[]): Promise<Findings> {
    const text = readCheckpoints(tablesOf(this.#schema), where);
    const rows = await this.#read<Found>(thread, { name: nameOf(text), text, values });
    return new Findings(rows, this.#serde, this.#keys);
  }

  /**
   * Newest first, a page at a time, and each when it is asked for. What is stored meanwhile is not among them, and what
   * goes is left out.
   *
   * @param thread - Undefined for those of all.
   * @param where - Over the checkpoints table, "" for all.
   * @param own - What metadata that may be sealed must have; undefined for anything.
   */
  async *pages(
    thread: string | undefined,
    where: string,
    values: readonly unknown[],
    own: Record<string, unknown> | undefined,
    limit: number,
  ): AsyncGenerator<Findings> {
    let left = limit;
    for (let last: CheckpointFound | undefined; left > 0; ) {
      const size = own === undefined ? Math.min(pageSize, left) : pageSize;
      const page = await this.#page(thread, where, values, own, last, size);
      const picked =
        own === undefined
          ? page
          : page.filter((row) => fits(this.#keys, placeOf(row), row.metadata, own)).slice(0, left);
      if (picked.length > 0) yield await this.#at(thread, picked);
      left -= picked.length;
      last = page.at(-1);
      if (page.length < size) return;
    }
  }

  /** Where the next ones stand, after `last`, and what there is to say whether they fit. In an order without ties. */
  #page(
    thread: string | undefined,
    where: string,
    given: readonly unknown[],
    own: Record<string, unknown> | undefined,
    last: CheckpointFound | undefined,
    size: number,
  ): Promise<CheckpointFound[]> {
    const values = [...given];
    const conditions = [where === "" ? "WHERE true" : where];
    if (own !== undefined) conditions.push(mayFit(own, values));
    if (last !== undefined) {
      const end = [last.checkpoint_id, last.thread_id, last.checkpoint_ns].map((name) => values.push(name));
      conditions.push(`(checkpoint_id, thread_id, checkpoint_ns) < (${end.map((n) => `$${n}`).join(", ")})`);
    }
    const text = `SELECT thread_id, checkpoint_ns, checkpoint_id${own === undefined ? "" : ", metadata"}
      FROM ${tablesOf(this.#schema).checkpoints} ${conditions.join(" AND ")}
      ORDER BY checkpoint_id DESC, thread_id DESC, checkpoint_ns DESC LIMIT ${size}`;
    return this.#read<CheckpointFound>(thread, { text, values });
  }

  #at(thread: string | undefined, places: readonly CheckpointFound[]): Promise<Findings> {
    return this.find(
      thread,
      `WHERE (c.thread_id, c.checkpoint_ns, c.checkpoint_id) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`,
      [
        places.map((row) => row.thread_id),
        places.map((row) => row.checkpoint_ns),
        places.map((row) => row.checkpoint_id),
      ],
    );
  }

  /** @param namespace - Undefined for whichever of the thread. */
  async refuseLost(thread: string, namespace: string | undefined): Promise<void> {
    const text = valuesAlone(tablesOf(this.#schema));
    const values = [thread, namespace ?? null];
    const [lost] = await this.#read<{ namespace: string }>(thread, { text, values });
    if (lost === undefined) return;
    throw new CheckpointDamagedError(
      { thread, namespace: lost.namespace },
      "its values are there, but its checkpoints are gone",
    );
  }

  async #read<Row extends pg.QueryResultRow>(
    thread: string | undefined,
    query: pg.QueryConfig,
  ): Promise<Row[]> {
    const ask = () => patiently(this.#patienceMs, () => this.#pool.query<Row>(query));
    const { rows } = await (thread === undefined
      ? ask()
      : onBehalfOf(thread, "its checkpoints were not read", ask));
    return rows;
  }
}

/** A connection knows prepared statements by name, and may serve several schemas. */
export const nameOf = (text: string): string => createHash("sha1").update(text).digest("hex");
