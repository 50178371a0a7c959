/** What a budget does not see: a node that ends without a write, and branches that a resume parts. */
import { Command, interrupt, MemorySaver, RunControl, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { withinBudgets } from "#src/isolation/budget.ts";
import { bubbleUp, errorRoutes, faultChannels, guarded, type NodeRuntime } from "#src/routing/index.ts";

const State = z.object(faultChannels);
type State = z.infer<typeof State>;
type Body = (runtime: NodeRuntime) => Promise<void>;

const routed = errorRoutes({ compensable: "give_up", unexpected: "bubble_up", baseMs: 1, capMs: 5 });
const node = (body: Body) =>
  guarded(async (_: State, runtime: NodeRuntime) => {
    await body(runtime);
    return {};
  });

/** Two nodes side by side, under a thread's budget of so many calls. */
function branches(limit: number, make: (call: Body) => { asks: Body; beside: Body }) {
  const model = { calls: 0 };
  const { asks, beside } = make(async (runtime) => {
    const call = async () => {
      model.calls += 1;
    };
    await withinBudgets(runtime, { thread: { calls: limit } }, call, () => 0);
  });
  const graph = new StateGraph(State)
    .addNode("asks", node(asks), routed())
    .addNode("beside", node(beside), routed())
    .addNode(
      "give_up",
      guarded(() => ({})),
      routed({ compensable: "bubble_up" }),
    )
    .addNode("bubble_up", bubbleUp(), { defer: true })
    .addEdge(START, "asks")
    .addEdge(START, "beside")
    .compile({ checkpointer: new MemorySaver() });
  const config = { configurable: { thread_id: "t" }, durability: "sync" as const };
  /** Runs it, and answers each question in a run of its own. */
  const run = async (control: () => RunControl) => {
    let end = await graph.invoke({}, { ...config, control: control() });
    while ("__interrupt__" in end)
      end = await graph.invoke(new Command({ resume: "yes" }), { ...config, control: control() });
    return { made: model.calls, counted: (end as State).spent["thread:calls"] };
  };
  return { run };
}

/** Calls and asks in one node, which runs anew with the answer. */
const callsAndAsks = () =>
  branches(100, (call) => ({
    asks: async (runtime) => {
      await call(runtime);
      interrupt("go?");
      await call(runtime);
    },
    beside: async () => {},
  }));

/** The one is through when the other asks. */
const resumedBeside = () =>
  branches(8, (call) => ({
    asks: async (runtime) => {
      interrupt("go?");
      for (let i = 0; i < 5; i++) await call(runtime);
    },
    beside: async (runtime) => {
      for (let i = 0; i < 5; i++) await call(runtime);
    },
  }));

describe("with a RunControl for each run, which is LangGraph's default", () => {
  const each = () => new RunControl();

  test("LIMIT: what a node called before it asked is not counted", async () => {
    expect(await callsAndAsks().run(each)).toEqual({ made: 3, counted: 2 });
  });

  test("LIMIT: a branch resumed beside one that is through does not see its calls", async () => {
    expect(await resumedBeside().run(each)).toEqual({ made: 10, counted: 5 });
  });
});

describe("with one RunControl for a run and its resume", () => {
  const kept = () => {
    const control = new RunControl();
    return () => control;
  };

  test("what a node called before it asked is counted", async () => {
    expect(await callsAndAsks().run(kept())).toEqual({ made: 3, counted: 3 });
  });

  test("a branch resumed beside one that is through sees its calls, and stops", async () => {
    expect(await resumedBeside().run(kept())).toEqual({ made: 8, counted: 8 });
  });
});
