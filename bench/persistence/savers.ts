/**
 * The checkpointers under measurement, each on a schema of its own. Opened in the child processes; the bench itself
 * needs only their names.
 */
import type { BaseCheckpointSaver } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";
import { openPersistence } from "#checkpoints/index.ts";
import { poolSize, type SaverName } from "./contenders.ts";
import { OneRowSaver } from "./one-row-saver.ts";

export interface OpenSaver {
  /** Undefined: no persistence at all. */
  readonly checkpointer: BaseCheckpointSaver | undefined;
  /** How a thread is run. */
  around<T>(thread: string, run: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const asItIs: OpenSaver["around"] = (_thread, run) => run();

/** @param schema - Made here where it is missing. */
export const openSaver: Record<SaverName, (databaseUrl: string, schema: string) => Promise<OpenSaver>> = {
  bare: async () => ({ checkpointer: undefined, around: asItIs, close: async () => {} }),

  least: async (databaseUrl, schema) => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize });
    const checkpointer = await OneRowSaver.open(pool, schema);
    return { checkpointer, around: asItIs, close: () => pool.end() };
  },

  stock: async (databaseUrl, schema) => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: poolSize });
    const checkpointer = new PostgresSaver(pool, undefined, { schema });
    await checkpointer.setup();
    return { checkpointer, around: asItIs, close: () => checkpointer.end() };
  },

  ours: async (databaseUrl, schema) => {
    const persistence = await openPersistence({ databaseUrl, schema, encryptionKey: "" });
    return { checkpointer: persistence.saver, around: asItIs, close: persistence.close };
  },

  leased: async (databaseUrl, schema) => {
    const persistence = await openPersistence({ databaseUrl, schema, encryptionKey: "" });
    const { saver: checkpointer, leases, close } = persistence;
    return { checkpointer, around: (thread, run) => leases.hold(thread, () => run()), close };
  },

  sealed: async (databaseUrl, schema) => {
    const encryptionKey = Buffer.alloc(32, 1).toString("base64");
    const persistence = await openPersistence({ databaseUrl, schema, encryptionKey });
    return { checkpointer: persistence.saver, around: asItIs, close: persistence.close };
  },
};
