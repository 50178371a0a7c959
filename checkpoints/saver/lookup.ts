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

  /** By metadata that may be sealed: picks by metadata alone, then reads the picked with their values. */
  async findFitting(
    thread: string | undefined,
    where: string,
    values: unknown[],
    own: Record<string, unknown>,
    limit: number | undefined,
  ): Promise<Findings> {
    const text = `SELECT thread_id, checkpoint_ns, checkpoint_id, metadata FROM ${tablesOf(this.#schema).checkpoints}
      ${where === "" ? "WHERE" : `${where} AND`} ${mayFit(own, values)} ORDER BY checkpoint_id DESC`;
    const rows = (await this.#read<CheckpointFound>(thread, { text, values })).filter((row) =>
      fits(this.#keys, placeOf(row), row.metadata, own),
    );
    const picked = rows.slice(0, limit === undefined ? undefined : Math.trunc(limit));
    return this.find(
      thread,
      `WHERE (c.thread_id, c.checkpoint_ns, c.checkpoint_id) IN (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]))`,
      [
        picked.map((row) => row.thread_id),
        picked.map((row) => row.checkpoint_ns),
        picked.map((row) => row.checkpoint_id),
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
