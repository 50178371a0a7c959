/** Small graphs for the trap tests: bare LangGraph on one side, the same with the kit on the other. */
import type { Runnable } from "@langchain/core/runnables";
import { END, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { registry } from "@langchain/langgraph/zod";
import { z } from "zod";
import { bubbleUp, errorRoutes, faultChannels, guarded, type NodeRuntime } from "#src/routing/index.ts";

export const State = z.object({
  log: z.string().default(""),
  /** Which branches came to their end, sorted: parallel ones may write it. */
  done: z
    .array(z.string())
    .default(() => [])
    .register(registry, {
      reducer: { fn: (a: string[], b: string[]) => [...a, ...b].sort() },
      default: () => [],
    }),
  ...faultChannels,
});
export type State = z.infer<typeof State>;
export type Body = (state: State, runtime: NodeRuntime) => Promise<Partial<State>> | Partial<State>;

export const routed = errorRoutes({
  llmRecoverable: { backTo: "work", rounds: 2, spent: "compensable" },
  compensable: "compensate",
  unexpected: "bubble_up",
  attempts: 3,
  baseMs: 1,
  capMs: 5,
});

/** A node `work` with the table's routes, and what these need. */
export const graphOf = (work: Body, rows: Parameters<typeof routed>[0] = {}) =>
  new StateGraph(State)
    .addNode("work", guarded(work), routed(rows))
    .addNode(
      "compensate",
      guarded(() => ({ log: "compensated" })),
      routed({ compensable: "bubble_up" }),
    )
    .addNode("bubble_up", bubbleUp(), { defer: true })
    .addEdge("compensate", END);

/** The same, begun with `work`. */
export const workOnly = (work: Body, rows: Parameters<typeof routed>[0] = {}) =>
  graphOf(work, rows).addEdge(START, "work").addEdge("work", END);

/** A subgraph as `addNode` takes it: LangGraph types one whose nodes answer with Commands by these, not by its state. */
export const asNode = (subgraph: unknown) => subgraph as Runnable<State, Partial<State>>;

export const onThread = (thread = "t") => ({
  configurable: { thread_id: thread },
  durability: "sync" as const,
});

export const saver = () => new MemorySaver();

/**
 * A saver whose process "dies" once a node's failure is stored: nothing that comes after is, until the next process.
 */
export function dyingSaver(): { checkpointer: MemorySaver; nextProcess(): void } {
  const checkpointer = saver();
  const { put, putWrites } = checkpointer;
  let dead = false;
  let died = false;
  const dying = () => Promise.reject(new Error("the process is dead"));
  checkpointer.put = (...args) => (dead ? dying() : put.apply(checkpointer, args));
  checkpointer.putWrites = async (config, writes, taskId) => {
    if (dead) return dying();
    dead = !died && writes.some(([channel]) => channel === "__error__");
    died ||= dead;
    return putWrites.call(checkpointer, config, writes, taskId);
  };
  return {
    checkpointer,
    nextProcess() {
      dead = false;
    },
  };
}

/** Resolves after `ms` of real time: for races that a fake clock cannot make, kept to a few milliseconds. */
export const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A promise that a test opens. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** What a promise rejected with, or undefined when it did not. */
export const failure = (running: Promise<unknown>): Promise<unknown> =>
  running.then(
    () => undefined,
    (error: unknown) => error,
  );

/** A node that throws the same thing each time it runs. */
export const throws =
  (thrown: unknown): Body =>
  () => {
    throw thrown;
  };
