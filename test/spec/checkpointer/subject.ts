/** What the checkpointer suite runs against. Each part of the suite takes a function that opens one, empty. */
import type { BaseCheckpointSaver, StateSnapshot } from "@langchain/langgraph";

export interface Subject {
  readonly saver: BaseCheckpointSaver;
  /** Another saver on the same data, as a second process has it, or this one after a restart. */
  again(): BaseCheckpointSaver;
}

export type OpenSubject = () => Promise<Subject>;

interface HasHistory {
  getStateHistory(config: object): AsyncIterable<StateSnapshot>;
}

/** Newest first. */
export async function historyOf(graph: HasHistory, config: object): Promise<StateSnapshot[]> {
  const snapshots: StateSnapshot[] = [];
  for await (const snapshot of graph.getStateHistory(config)) snapshots.push(snapshot);
  return snapshots;
}

/** The newest state in which `node` was next. */
export async function before(graph: HasHistory, config: object, node: string): Promise<StateSnapshot> {
  const found = (await historyOf(graph, config)).find(({ next }) => next.includes(node));
  if (found === undefined) throw new Error(`no checkpoint before ${node}`);
  return found;
}

/** A history without the ids and times that differ from run to run. */
export function shapeOf(history: readonly StateSnapshot[]): unknown[] {
  const ids = history.map(({ config }) => config.configurable?.checkpoint_id);
  return history.map(({ values, next, metadata, parentConfig, tasks }) => ({
    values,
    next,
    source: metadata?.source,
    step: metadata?.step,
    /** Its place in the history. */
    parent: ids.indexOf(parentConfig?.configurable?.checkpoint_id),
    tasks: tasks.map(({ name, error, interrupts }) => ({
      name,
      error,
      interrupts: interrupts.map(({ value }) => value),
    })),
  }));
}
