/** An author, a gate behind it, and who builds on what the gate let pass; and what became of a run of it. */
import { END, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { z } from "zod";
import { inspector, type Judgement } from "#src/consensus/index.ts";
import { eventOf, type FaultlineEvent } from "#src/events/index.ts";
import type { Fault } from "#src/faults/index.ts";
import { bubbleUp, errorRoutes, faultChannels, guarded, type NodeRuntime } from "#src/routing/index.ts";

export const State = z.object({
  ticket: z.string().default("refund 38.03"),
  reasoning: z.string().default(""),
  claim: z.string().default(""),
  built: z.string().default(""),
  checked: z.boolean().default(false),
  ...faultChannels,
});
export type State = z.infer<typeof State>;

export const sees = z.strictObject({ ticket: z.string(), claim: z.string() });
export type Seen = z.infer<typeof sees>;
export type Judge = (seen: Seen, runtime: NodeRuntime) => Promise<Judgement>;

export const pass: Judgement = { verdict: "pass", reasons: [] };
export const reject: Judgement = {
  verdict: "reject",
  reasons: ["38.03 was asked for.", "Nobody asked for 99."],
};

const routed = errorRoutes({
  llmRecoverable: { backTo: "author", rounds: 2, spent: "compensable" },
  compensable: "give_up",
  unexpected: "bubble_up",
  attempts: 2,
  baseMs: 0,
});

interface Parts {
  judge: Judge;
  show?: (state: State) => Seen;
  refused?: (judgement: Judgement) => Fault;
  by?: typeof inspector;
}

/** What the author heard of the gate, each time it was asked, stands in `told`. */
export function graphWith({
  judge,
  show = ({ ticket, claim }) => ({ ticket, claim }),
  refused,
  by = inspector,
}: Parts) {
  const told: string[][] = [];
  const gate = by({
    name: "judge of claims",
    sees,
    show,
    judge,
    passed: () => ({ checked: true }),
    ...(refused && { refused }),
  });
  const graph = new StateGraph(State)
    .addNode(
      "author",
      guarded(({ faults }: State) => {
        told.push(faults.filter(({ node }) => node === "gate").map(({ message }) => message));
        return { claim: `claim ${told.length}`, reasoning: "because I say so" };
      }),
      routed(),
    )
    .addNode("gate", guarded(gate), routed())
    .addNode(
      "builder",
      guarded(({ claim }: State) => ({ built: `on ${claim}` })),
      routed(),
    )
    .addNode(
      "give_up",
      guarded(() => ({ built: "nothing" })),
      routed({ compensable: "bubble_up" }),
    )
    .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["author", "gate", "builder", "give_up"] })
    .addEdge(START, "author")
    .addEdge("author", "gate")
    .addEdge("gate", "builder")
    .addEdge("builder", END)
    .addEdge("give_up", END)
    .compile({ checkpointer: new MemorySaver(), name: "claims" });
  return { graph, told };
}

type Runnable = ReturnType<typeof graphWith>["graph"];

export async function run(graph: Runnable) {
  const config = { configurable: { thread_id: "t" }, durability: "sync" as const };
  const events: FaultlineEvent[] = [];
  let error: unknown;
  try {
    for await (const chunk of await graph.stream({}, { ...config, streamMode: "custom" })) {
      const event = eventOf(chunk);
      if (event) events.push(event);
    }
  } catch (thrown) {
    error = thrown;
  }
  const { values, next } = await graph.getState(config);
  return { values: values as State, error, next, types: events.map(({ type }) => type), events };
}
