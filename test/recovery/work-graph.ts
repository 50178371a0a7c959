/** A graph of one node, `work`, that runs `body`; and another side that counts what truly happened there. */
import { type LangGraphRunnableConfig, MemorySaver, StateGraph } from "@langchain/langgraph";
import { z } from "zod";

const State = z.object({ visits: z.number().default(0), seen: z.unknown() });
type State = z.infer<typeof State>;
export type Work = (runtime: LangGraphRunnableConfig, state: State) => Promise<unknown>;

export interface WorkGraphOptions {
  /** In all. Default 3. */
  attempts?: number;
  /** Of an attempt, in ms. */
  timeout?: number;
  /** How often `work` is visited. Default 1. */
  visits?: number;
}

/** What `body` returns stands in the channel `seen`. Retries wait a millisecond. */
export function workGraph(body: Work, { attempts = 3, timeout, visits = 1 }: WorkGraphOptions = {}) {
  return new StateGraph(State)
    .addNode(
      "work",
      async (state: State, runtime: LangGraphRunnableConfig) => ({
        visits: state.visits + 1,
        seen: await body(runtime, state),
      }),
      {
        retryPolicy: {
          maxAttempts: attempts,
          initialInterval: 1,
          jitter: false,
          logWarning: false,
          retryOn: () => true,
        },
        ...(timeout === undefined ? {} : { timeout }),
      },
    )
    .addEdge("__start__", "work")
    .addConditionalEdges("work", (state) => (state.visits < visits ? "work" : "__end__"))
    .compile({ checkpointer: new MemorySaver() });
}

export const onThread = (thread_id = "t") => ({ configurable: { thread_id }, durability: "sync" as const });

export interface OtherSide {
  /** Does it unless the key did it before; answers alike each time. */
  call(key: string): { receipt: string };
  /** Every request that came, by key. */
  readonly requests: string[];
  /** What happened there, by key. */
  readonly done: string[];
}

/** Honours keys, as the other side of `once` must. */
export function otherSide(): OtherSide {
  const requests: string[] = [];
  const done: string[] = [];
  return {
    requests,
    done,
    call(key) {
      requests.push(key);
      if (!done.includes(key)) done.push(key);
      return { receipt: `receipt ${done.indexOf(key) + 1}` };
    },
  };
}

/** A promise that a test resolves or rejects when it wants. */
export function gate(): { passed: Promise<void>; open: () => void; fail: (reason: Error) => void } {
  let open: () => void = () => {};
  let fail: (reason: Error) => void = () => {};
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { passed, open, fail };
}
