/** The savers that the checkpointer suite runs against, and the one place that knows how to make them. */
import { MemorySaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { Persistence } from "#checkpoints/index.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { Mirror } from "../spec/checkpointer/mirror.ts";
import type { Subject } from "../spec/checkpointer/subject.ts";

type Tables = Pick<Persistence, "pool" | "schema">;

export const ours = ({ pool, schema }: Tables): FaultlineSaver =>
  new FaultlineSaver(pool, undefined, { schema });
export const stock = ({ pool, schema }: Tables): PostgresSaver =>
  new PostgresSaver(pool, undefined, { schema });

/** Ours alone, for what MemorySaver is no measure of. */
export function alone(tables: Tables): Subject {
  const again = () => ours(tables);
  return { saver: again(), again };
}

/** Ours, compared with MemorySaver at each step. */
export function mirrored(tables: Tables): Subject {
  const memory = new MemorySaver();
  const again = () => new Mirror(() => ours(tables), memory);
  return { saver: again(), again };
}

export function inMemory(): Subject {
  const saver = new MemorySaver();
  return {
    saver,
    again: () => Object.assign(new MemorySaver(), { storage: saver.storage, writes: saver.writes }),
  };
}
