/** A graph whose node `work` runs `body`, with a route for every category; and what became of a run of it. */
import { type BaseCheckpointSaver, END, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import type { Ballot } from "#src/consensus/index.ts";
import { eventOf, type FaultlineEvent } from "#src/events/index.ts";
import { effects, memoryLedger } from "#src/recovery/index.ts";
import { bubbleUp, errorRoutes, faultChannels, guarded, type NodeRuntime } from "#src/routing/index.ts";

const State = z.object({ times: z.number().default(0), seen: z.unknown(), ...faultChannels });
export type VoteState = z.infer<typeof State>;

const routed = errorRoutes({ compensable: "undecided", unexpected: "bubble_up", baseMs: 0, attempts: 3 });

export interface VoteGraphOptions {
  checkpointer?: BaseCheckpointSaver;
  /** How often `work` is visited. Default 1. */
  visits?: number;
}

/** What `body` returns stands in `seen`; it says "undecided" when the vote was routed. */
export function voteGraph(
  body: (runtime: NodeRuntime, state: VoteState) => Promise<unknown>,
  { checkpointer = new MemorySaver(), visits = 1 }: VoteGraphOptions = {},
) {
  return new StateGraph(State)
    .addNode(
      "work",
      guarded(async (state: VoteState, runtime: NodeRuntime) => ({
        seen: await body(runtime, state),
        times: state.times + 1,
      })),
      routed(),
    )
    .addNode(
      "undecided",
      guarded(() => ({ seen: "undecided" })),
      routed({ compensable: "bubble_up" }),
    )
    .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["work", "undecided"] })
    .addEdge(START, "work")
    .addConditionalEdges("work", (state) => (state.times < visits ? "work" : END), ["work", END])
    .addEdge("undecided", END)
    .compile({ checkpointer });
}

type Runnable = ReturnType<typeof voteGraph>;

/** @param input - Null goes on with the thread. */
export async function run(graph: Runnable, input: Parameters<Runnable["stream"]>[0], signal?: AbortSignal) {
  const config = { configurable: { thread_id: "t" }, durability: "sync" as const, ...(signal && { signal }) };
  const events: FaultlineEvent[] = [];
  let error: unknown;
  try {
    for await (const chunk of await graph.stream(input, { ...config, streamMode: "custom" })) {
      const event = eventOf(chunk);
      if (event) events.push(event);
    }
  } catch (thrown) {
    error = thrown;
  }
  const state = await graph.getState(config);
  return { values: state.values as VoteState, events, error, next: state.next };
}

/** Only these, in their order. */
export const ofType = <Type extends FaultlineEvent["type"]>(events: readonly FaultlineEvent[], type: Type) =>
  events.filter((event): event is FaultlineEvent & { type: Type } => event.type === type);

/** A sample for each letter, in order; and which were truly drawn. */
export function answering(letters: string) {
  const drawn: number[] = [];
  const draw = async (sample: number): Promise<string> => {
    drawn.push(sample);
    const letter = letters[sample - 1];
    if (letter === undefined) throw new RangeError(`sample ${sample} was not expected`);
    return letter;
  };
  return { draw, drawn };
}

/** What a ballot needs besides its rule: a ledger in memory, and answers that are their own canonical form. */
export const ballot = (): Pick<Ballot<string>, "name" | "canonical" | "recorded"> => ({
  name: "v",
  canonical: (answer) => answer,
  recorded: effects(memoryLedger()).recorded,
});
