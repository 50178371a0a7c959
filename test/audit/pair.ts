/** What a file of the corpus is: a small graph with one trap, the same graph mended, and a run that tells them apart. */
import { Command, END, type MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import type { Trap } from "#src/audit/index.ts";

export interface Pair {
  /** What goes wrong in the first graph, and not in the second. */
  readonly fails: string;
  readonly trap: Trap;
  /** Where it is found, such as "graph/inside: work". */
  readonly at: string;
  /** @param log - What the graph's nodes did. */
  readonly trapped: (log: string[]) => object;
  readonly mended: (log: string[]) => object;
  /** Left out where a run would take seconds; `fails` then says which test shows it. */
  readonly run?: {
    /** @param finished - Takes what is to be tidied up. */
    readonly by: (graph: Runnable, log: string[], finished: Finished) => Promise<unknown>;
    readonly trapped: unknown;
    readonly mended: unknown;
  };
}

export type Finished = (tidy: () => void | Promise<void>) => void;

/** A graph of any state, as far as a run needs it. */
export interface Runnable {
  invoke(input: unknown, config?: object): Promise<Record<string, unknown>>;
}

export const State = z.object({ log: z.string().default(""), n: z.number().default(0) });
export type State = z.infer<typeof State>;

/** A policy and a route, so that a graph has no trap but its own. */
export const retryPolicy = { maxAttempts: 2, initialInterval: 1, jitter: false, logWarning: false };
/** LangGraph types a goto by the nodes that the graph has so far. */
export const errorHandler = () => new Command({ goto: END }) as never;
export const settled = { retryPolicy, errorHandler };

/** START → work → END, or what a file makes of it. */
export const graphOf = () => new StateGraph(State).setNodeDefaults(settled);

export const thread = { configurable: { thread_id: "t" } };

/** Fails as often as `times` says, then does `then`. */
export function failing(times: number, log: string[], name: string, then: () => object = () => ({})) {
  let failed = 0;
  return () => {
    log.push(name);
    if (failed++ < times) throw new Error(`${name} is down`);
    return then();
  };
}

/** How often each node ran, such as "a 2, b 1". */
export function counts(log: readonly string[]): string {
  return [...new Set(log)]
    .sort()
    .map((name) => `${name} ${log.filter((one) => one === name).length}`)
    .join(", ");
}

export const ended = (running: Promise<unknown>): Promise<string> =>
  running.then(
    () => "resolved",
    () => "rejected",
  );

export { Command, END, type MemorySaver, START, StateGraph };
