/** Traps of a run as a whole: concurrency, durability, recursion, edges. */
import { Send, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { guarded } from "#src/routing/index.ts";
import {
  failure,
  type State as GraphState,
  graphOf,
  onThread,
  routed,
  State,
  saver,
  soon,
  workOnly,
} from "./graphs.ts";

test("B1, bare: maxConcurrency 1 runs the first of several parallel nodes and drops the rest", async () => {
  const ran: string[] = [];
  const body = (name: string) => () => {
    ran.push(name);
    return {};
  };
  const graph = new StateGraph(State)
    .addNode("work", body("work"))
    .addNode("other", body("other"))
    .addEdge(START, "work")
    .addEdge(START, "other")
    .compile();
  await graph.invoke({}, { maxConcurrency: 1 });
  expect(ran).toHaveLength(1);
});

test("B1: a graph without parallel nodes fails, is handled and bubbles up under maxConcurrency 1", async () => {
  let broken = true;
  const graph = workOnly(() => {
    if (broken) throw new Error("bug");
    return { done: ["work"] };
  }).compile({ checkpointer: saver() });
  const one = { ...onThread(), maxConcurrency: 1 };
  expect(await failure(graph.invoke({}, one))).toMatchObject({ message: "bug" });
  broken = false;
  expect((await graph.invoke(null, one)).done).toEqual(["work"]);
});

describe("B2: under maxConcurrency a failure counts the tasks that had not begun as done", () => {
  const fanOut = () => [1, 2, 3, 4, 5].map((part) => new Send("work", { part }));
  const partOf = (state: object) => (state as { part: number }).part;

  test("bare: they never run, on resume neither", async () => {
    let broken = true;
    const graph = new StateGraph(State)
      .addNode("work", async (state) => {
        if (broken && partOf(state) === 1) throw new Error("boom");
        await soon(5);
        return { done: [`${partOf(state)}`] };
      })
      .addConditionalEdges(START, fanOut, ["work"])
      .compile({ checkpointer: saver() });
    await failure(graph.invoke({}, { ...onThread(), maxConcurrency: 2 }));
    broken = false;
    expect((await graph.invoke(null, { ...onThread(), maxConcurrency: 2 })).done).not.toHaveLength(5);
  });

  test("routed: no failure ends the superstep, so all of them run", async () => {
    let broken = true;
    const graph = graphOf((state) => {
      if (broken && partOf(state) === 1) throw new Error("boom");
      return { done: [`${partOf(state)}`] };
    })
      .addConditionalEdges(START, fanOut, ["work"])
      .compile({ checkpointer: saver() });
    expect(await failure(graph.invoke({}, { ...onThread(), maxConcurrency: 2 }))).toMatchObject({
      message: "boom",
    });
    broken = false;
    const end = await graph.invoke(null, { ...onThread(), maxConcurrency: 2 });
    expect(end.done).toEqual(["1", "2", "3", "4", "5"]);
  });
});

describe("P26, P27, P29: what is stored when", () => {
  const threeNodes = (ran: string[], checkpointer: ReturnType<typeof saver>) => {
    const body = (name: string) => () => {
      ran.push(name);
      return { done: [name] };
    };
    return new StateGraph(State)
      .addNode("a", body("a"))
      .addNode("b", body("b"))
      .addNode("c", body("c"))
      .addEdge(START, "a")
      .addEdge("a", "b")
      .addEdge("b", "c")
      .compile({ checkpointer });
  };

  test.each([
    ["async", ["a", "b", "c"]],
    ["sync", []],
  ] as const)("bare, %s: with a saver that cannot save, %j run", async (durability, expected) => {
    const checkpointer = saver();
    checkpointer.put = async () => {
      await soon(5);
      throw new Error("the disk is full");
    };
    const ran: string[] = [];
    const running = threeNodes(ran, checkpointer).invoke({}, { ...onThread(), durability });
    expect(await failure(running)).toMatchObject({ message: "the disk is full" });
    expect(ran).toEqual(expected);
  });

  test.each([
    ["async", 0],
    ["sync", 2],
  ] as const)(
    "bare, %s: when the first node runs, %i checkpoints are stored",
    async (durability, expected) => {
      const checkpointer = saver();
      const put = checkpointer.put.bind(checkpointer);
      let stored = 0;
      checkpointer.put = async (...args) => {
        await soon(20);
        const saved = await put(...args);
        stored += 1;
        return saved;
      };
      let seen: number | undefined;
      const graph = new StateGraph(State)
        .addNode("work", () => {
          seen = stored;
          return {};
        })
        .addEdge(START, "work")
        .compile({ checkpointer });
      await graph.invoke({}, { ...onThread(), durability });
      expect(seen).toBe(expected);
    },
  );
});

test("P20: a subgraph that runs in circles is a bug that bubbles up, not a dead thread", async () => {
  const circle = new StateGraph(State)
    .addNode("round", () => ({}))
    .addEdge(START, "round")
    .addEdge("round", "round")
    .compile();
  let broken = true;
  const graph = workOnly(async (state) => {
    if (broken) await circle.invoke(state, { recursionLimit: 5 });
    return { done: ["work"] };
  }).compile({ checkpointer: saver() });
  expect(await failure(graph.invoke({}, onThread()))).toMatchObject({ code: "graph_recursion_limit" });
  broken = false;
  expect((await graph.invoke(null, onThread())).done).toEqual(["work"]);
});

test("P28: what a conditional edge throws is routed like its node's own failure", async () => {
  let broken = true;
  const graph = graphOf(() => ({ done: ["work"] }))
    .addNode(
      "after",
      guarded(() => ({ log: "after" })),
      routed(),
    )
    .addEdge(START, "work")
    .addConditionalEdges("work", () => {
      if (broken) throw new TypeError("x is undefined");
      return "after";
    }, ["after"])
    .compile({ checkpointer: saver() });
  expect(await failure(graph.invoke({}, onThread()))).toMatchObject({ category: "unexpected", code: "bug" });
  broken = false;
  const end = (await graph.invoke(null, onThread())) as GraphState;
  expect(end.log).toBe("after");
});
