import { END, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Fault } from "#src/faults/index.ts";
import { type Budgets, newRun, withinBudgets } from "#src/isolation/budget.ts";
import { bubbleUp, errorRoutes, faultChannels, guarded, type NodeRuntime } from "#src/routing/index.ts";

const State = z.object({ answers: z.number().default(0), trouble: z.string().default(""), ...faultChannels });
type State = z.infer<typeof State>;

const routed = errorRoutes({ compensable: "give_up", unexpected: "bubble_up", baseMs: 1, capMs: 5 });

/** Asks the model round after round until a budget stops it; `open` begins a run. */
function circling(budgets: Budgets, call: () => Promise<number>, rounds = 1_000) {
  const work = async ({ answers }: State, runtime: NodeRuntime) => ({
    answers: answers + (await withinBudgets(runtime, budgets, call, () => 10)),
  });
  return new StateGraph(State)
    .addNode(
      "open",
      guarded((_: State, runtime: NodeRuntime) => ({ answers: 0, trouble: "", ...newRun(runtime) })),
      routed(),
    )
    .addNode("work", guarded(work), routed())
    .addNode(
      "give_up",
      guarded(({ faults }: State) => ({ trouble: faults.at(-1)?.message ?? "" })),
      routed({ compensable: "bubble_up" }),
    )
    .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["open", "work", "give_up"] })
    .addEdge(START, "open")
    .addEdge("open", "work")
    .addConditionalEdges("work", ({ answers }) => (answers < rounds ? "work" : END), ["work", END])
    .addEdge("give_up", END);
}

const config = { configurable: { thread_id: "t" }, durability: "sync" as const, recursionLimit: 200 };

/** Counts the calls that reach the model. */
function countingModel(answer: () => number = () => 1) {
  const model = {
    calls: 0,
    async call() {
      model.calls += 1;
      return answer();
    },
  };
  return model;
}

describe("budgets", () => {
  test("a loop that no error ends is stopped by the run's calls, on the graph's route", async () => {
    const model = countingModel();
    const graph = circling({ run: { calls: 7 } }, model.call).compile({ checkpointer: new MemorySaver() });
    const end = await graph.invoke({}, config);
    expect(end).toMatchObject({ answers: 7, trouble: "the run's budget of 7 model calls is spent" });
    expect((end as State).faults.at(-1)).toMatchObject({
      code: "budget_spent",
      category: "compensable",
      route: "give_up",
      details: { scope: "run", kind: "calls", spent: 7, limit: 7 },
    });
    expect(model.calls).toBe(7);
  });

  test("a long answer is not paid for twice: the call that crosses the tokens' limit is the last", async () => {
    const model = countingModel();
    const graph = circling({ run: { tokens: 25 } }, model.call).compile({ checkpointer: new MemorySaver() });
    const end = await graph.invoke({}, config);
    expect(end).toMatchObject({ answers: 3, trouble: "the run's budget of 25 tokens is spent" });
    expect((end as State).spent).toMatchObject({ "run:tokens": 30, "run:calls": 3 });
  });

  test("calls that fail are spent too, retries and all", async () => {
    const model = countingModel(() => {
      throw new Fault("transient", "http_503", "down");
    });
    const graph = circling({ run: { calls: 3 } }, model.call).compile({ checkpointer: new MemorySaver() });
    const end = await graph.invoke({}, config);
    expect(end.trouble).toBe("the run's budget of 3 model calls is spent");
    expect(model.calls).toBe(3);
    expect((end as State).spent).toMatchObject({ "run:calls": 3 });
  });

  test("a new run has its own budget, and the thread's goes on over all of them", async () => {
    const model = countingModel();
    const graph = circling({ run: { calls: 4 }, thread: { calls: 6 } }, model.call).compile({
      checkpointer: new MemorySaver(),
    });
    expect(await graph.invoke({}, config)).toMatchObject({ answers: 4 });
    const second = await graph.invoke({}, config);
    expect(second).toMatchObject({ answers: 2, trouble: "the thread's budget of 6 model calls is spent" });
    expect(await graph.invoke({}, config)).toMatchObject({ answers: 0 });
    expect(await graph.invoke({}, { ...config, configurable: { thread_id: "another" } })).toMatchObject({
      answers: 4,
    });
  });

  test("a run that begins while the last one's calls are still in memory has its own budget too", async () => {
    const model = countingModel();
    const twice = async (_: State, runtime: NodeRuntime) => {
      for (let i = 0; i < 2; i++) await withinBudgets(runtime, { run: { calls: 2 } }, model.call, () => 1);
      return {};
    };
    const begin = (_: State, runtime: NodeRuntime) => newRun(runtime);
    const graph = new StateGraph(State)
      .addNode("first", guarded(twice), routed())
      .addNode("begin", guarded(begin), routed())
      .addNode("second", guarded(twice), routed())
      .addNode(
        "give_up",
        guarded(() => ({})),
        routed({ compensable: "bubble_up" }),
      )
      .addNode("bubble_up", bubbleUp(), { defer: true })
      .addEdge(START, "first")
      .addEdge("first", "begin")
      .addEdge("begin", "second");
    const end = await graph.compile({ checkpointer: new MemorySaver() }).invoke({}, config);
    expect(model.calls).toBe(4);
    expect((end as State).spent).toMatchObject({ "run:calls": 2, "thread:calls": 4 });
  });

  test("a run that is gone on with after a crash gets no fresh budget", async () => {
    let alive = 3;
    const model = countingModel(() => {
      if (alive-- === 0) throw new Fault("unexpected", "bug", "the process dies here");
      return 1;
    });
    const checkpointer = new MemorySaver();
    const compiled = () => circling({ run: { calls: 6 } }, model.call).compile({ checkpointer });
    await expect(compiled().invoke({}, config)).rejects.toThrow("the process dies here");
    const end = await compiled().invoke(null, config);
    expect(end).toMatchObject({ trouble: "the run's budget of 6 model calls is spent" });
    expect(model.calls).toBe(6);
  });

  test("branches side by side do not each spend the whole", async () => {
    const model = countingModel();
    const branch = async (_: State, runtime: NodeRuntime) => {
      for (let i = 0; i < 5; i++) await withinBudgets(runtime, { run: { calls: 8 } }, model.call, () => 1);
      return {};
    };
    const names = ["a", "b", "c"] as const;
    const graph = new StateGraph(State)
      .addNode("a", guarded(branch), routed())
      .addNode("b", guarded(branch), routed())
      .addNode("c", guarded(branch), routed())
      .addNode(
        "give_up",
        guarded(() => ({})),
        routed({ compensable: "bubble_up" }),
      )
      .addNode("bubble_up", bubbleUp(), { defer: true });
    for (const name of names) graph.addEdge(START, name);
    const end = await graph.compile({ checkpointer: new MemorySaver() }).invoke({}, config);
    expect(model.calls).toBe(8);
    expect((end as State).spent).toMatchObject({ "run:calls": 8 });
  });

  test("a call is counted once, though its superstep is written by branch and by handler", async () => {
    const model = countingModel();
    const graph = circling({}, model.call, 5).compile({ checkpointer: new MemorySaver() });
    const end = await graph.invoke({}, config);
    expect((end as State).spent).toEqual({
      "run:calls": 5,
      "run:tokens": 50,
      "thread:calls": 5,
      "thread:tokens": 50,
    });
  });

  test.each([-1, Number.NaN, 1.5])(
    "a limit of %s is refused where it is given, before a call",
    async (calls) => {
      const model = countingModel();
      const graph = circling({ run: { calls } }, model.call).compile({ checkpointer: new MemorySaver() });
      await expect(graph.invoke({}, config)).rejects.toThrow(/run.calls must be a whole number/);
      expect(model.calls).toBe(0);
    },
  );
});
