/**
 * The least that a durable superstep of LangGraph can cost on this server: a checkpointer that keeps nothing but one row
 * of thread and checkpoint id, in one prepared INSERT. It cannot be resumed from; it shows where the limit is.
 */
import type { RunnableConfig } from "@langchain/core/runnables";
import { type Checkpoint, MemorySaver } from "@langchain/langgraph-checkpoint";
import type pg from "pg";

export class OneRowSaver extends MemorySaver {
  readonly #pool: pg.Pool;
  readonly #table: string;

  private constructor(pool: pg.Pool, table: string) {
    super();
    this.#pool = pool;
    this.#table = table;
  }

  /** @param schema - Made here. */
  static async open(pool: pg.Pool, schema: string): Promise<OneRowSaver> {
    const table = `"${schema}".checkpoints`;
    await pool.query(`CREATE SCHEMA "${schema}"`);
    await pool.query(`CREATE TABLE ${table} (thread text, id text, PRIMARY KEY (thread, id))`);
    return new OneRowSaver(pool, table);
  }

  override async put({ configurable }: RunnableConfig, { id }: Checkpoint): Promise<RunnableConfig> {
    const values = [configurable?.thread_id, id];
    await this.#pool.query({ name: "put", text: `INSERT INTO ${this.#table} VALUES ($1, $2)`, values });
    return { configurable: { ...configurable, checkpoint_id: id } };
  }

  override async putWrites(): Promise<void> {}
}
