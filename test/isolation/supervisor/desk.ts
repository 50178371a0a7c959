/** Small supervisors for the tests: children that do what a script says, under an outer graph with a checkpointer. */
import { END, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { registry } from "@langchain/langgraph/zod";
import { z } from "zod";
import { eventOf, type FaultlineEvent } from "#src/events/index.ts";
import { Fault } from "#src/faults/index.ts";
import { type Child, type SupervisorOptions, supervise, supervisionChannels } from "#src/isolation/index.ts";
import { faultChannels } from "#src/routing/index.ts";

const added = (kept: string[], more: string[]) => [...kept, ...more];

export const State = z.object({
  plan: z.string().nullable().default(null),
  /** Reduced: a plain default would be merged into it. */
  facts: z
    .array(z.string())
    .default(() => [])
    .register(registry, { reducer: { fn: added }, default: () => [] }),
  /** Owned by nobody. */
  log: z.string().default(""),
  done: z.string().default(""),
  ...supervisionChannels,
  ...faultChannels,
});
export type State = z.infer<typeof State>;

type Options = Omit<SupervisorOptions<typeof State>, "name" | "state" | "children">;

/** A supervisor of these children, as the node `work` of an outer graph. */
export function graphOf(children: Child<State>[], options: Options = {}, checkpointer = new MemorySaver()) {
  return new StateGraph(State)
    .addNode("work", supervise({ name: "work", state: State, children, ...options }))
    .addEdge(START, "work")
    .addEdge("work", END)
    .compile({ checkpointer });
}

export type Graph = ReturnType<typeof graphOf>;

export const onThread = (more: object = {}) => ({
  configurable: { thread_id: "t" },
  durability: "sync" as const,
  ...more,
});

/** What was told on the way, how it ended, and what it failed with. */
export async function run(graph: Graph, input: unknown = {}, config: object = {}) {
  const events: FaultlineEvent[] = [];
  let error: unknown;
  try {
    const chunks = await graph.stream(input as never, {
      ...onThread(config),
      streamMode: "custom",
      subgraphs: true,
    });
    for await (const [, chunk] of chunks as AsyncIterable<[unknown, unknown]>) {
      const event = eventOf(chunk);
      if (event !== undefined) events.push(event);
    }
  } catch (thrown) {
    error = thrown;
  }
  const snapshot = await graph.getState(onThread());
  return { events, told: events.map(inWords), error, state: snapshot.values as State, snapshot };
}

/** One event in a few words: "+a" started, "-a" stopped, "a!" failed, "a." ended, "a~b" a restarted with b. */
export function inWords(event: FaultlineEvent): string {
  const { type, node } = event;
  if (type === "child_started") return `+${node}`;
  if (type === "child_stopped") return `-${node}`;
  if (type === "child_ended") return `${node}${{ normal: ".", failed: "!", cancelled: "?" }[event.how]}`;
  if (type === "child_restarted") return `~${event.restarted.join("&")}`;
  return type;
}

export const oops = (message = "oops") => new Fault("compensable", "oops", message);

/** Fails so often, then does its work. */
export function failing(times: number, then: Partial<State> = {}) {
  const node = () => {
    node.runs += 1;
    if (node.runs <= times) throw oops(`failure ${node.runs}`);
    return then;
  };
  node.runs = 0;
  return node;
}

export const never = () => new Promise<never>(() => {});
