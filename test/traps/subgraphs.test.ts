/** What LangGraph makes of subgraphs that stand side by side, hand up a list, or are drawn. */
import { START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import {
  run as runSupervisor,
  State as Supervised,
  graphOf as supervisorOf,
} from "../isolation/supervisor/desk.ts";
import { asNode, failure, State, workOnly } from "./graphs.ts";

describe("H11: a subgraph hands up keys that it has not changed", () => {
  test("bare: two side by side both write them, and the superstep fails", async () => {
    const inner = new StateGraph(State)
      .addNode("idle", () => ({}))
      .addEdge(START, "idle")
      .compile();
    const graph = new StateGraph(State)
      .addNode("a", asNode(inner))
      .addNode("b", asNode(inner))
      .addEdge(START, "a")
      .addEdge(START, "b")
      .compile();
    expect(await failure(graph.invoke({}))).toMatchObject({
      name: "InvalidUpdateError",
      lc_error_code: "INVALID_CONCURRENT_GRAPH_UPDATE",
      message: expect.stringMatching(/^Invalid update for channel "log"/),
    });
  });

  test("supervised: only what a child has changed is written", async () => {
    const idle = supervisedChild(() => ({}));
    const { error, state } = await runSupervisor(
      supervisorOf([
        { name: "a", restart: "transient", run: idle },
        { name: "b", restart: "transient", run: supervisedChild(() => ({ log: "b" })) },
      ]),
    );
    expect(error).toBeUndefined();
    expect(state.log).toBe("b");
  });
});

const supervisedChild = (node: () => Partial<Supervised>) =>
  new StateGraph(Supervised).addNode("x", node).addEdge(START, "x").compile();

test("B15 under a supervisor: an appended list is one level deeper, so it is repeated once more", async () => {
  const child = supervisedChild(() => ({ facts: ["new"] }));
  const supervised = supervisorOf([{ name: "a", restart: "transient", run: child }]);
  expect((await runSupervisor(supervised, { facts: ["old"] })).state.facts).toEqual([
    "old",
    "old",
    "old",
    "new",
  ]);
  const bare = new StateGraph(Supervised)
    .addNode("a", child as never)
    .addEdge(START, "a")
    .compile();
  expect((await bare.invoke({ facts: ["old"] })).facts).toEqual(["old", "old", "new"]);
});

describe("H12: the handler of a node is a second way into its graph", () => {
  const inner = workOnly(() => ({})).compile();
  const graph = new StateGraph(State).addNode("inner", asNode(inner)).addEdge(START, "inner").compile();

  test("bare: a graph that has such a subgraph cannot be drawn with it", async () => {
    const message = 'Could not extend subgraph "inner" due to missing entrypoint.';
    expect(() => graph.getGraph({ xray: true })).toThrow(message);
    expect(await failure(graph.getGraphAsync({ xray: true }))).toMatchObject({ message });
  });

  test("each graph can be drawn by itself", () => {
    expect(graph.getGraph().drawMermaid()).toContain("inner");
    expect(inner.getGraph().drawMermaid()).toContain("bubble_up");
  });
});
