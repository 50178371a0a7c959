/** Which nodes count as branches of a fan-out: too few hides a cancelled sibling, too many blames a sequence for it. */
import { Command, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { auditGraph } from "#src/audit/index.ts";
import { errorHandler, retryPolicy, State } from "./pair.ts";

/** Nodes without a route: the trap's name says which of them run beside others. */
const graphOf = (...names: string[]) => {
  const graph = new StateGraph(State).setNodeDefaults({ retryPolicy });
  for (const name of names) graph.addNode(name, () => ({}));
  return graph as unknown as StateGraph<typeof State, State, Partial<State>, string>;
};

const parallel = (graph: object) =>
  auditGraph(graph).flatMap(({ node, trap }) => (trap === "fan-out-unrouted" ? [node] : []));

test("what follows on one branch only runs beside the other; what follows on both does not", () => {
  const graph = graphOf("a", "a2", "b", "join", "last")
    .addEdge(START, "a")
    .addEdge(START, "b")
    .addEdge("a", "a2")
    .addEdge(["a2", "b"], "join")
    .addEdge("join", "last");
  expect(parallel(graph)).toEqual(["a", "a2", "b"]);
});

test("a sequence and a choice are no fan-out", () => {
  const graph = graphOf("a", "b", "c")
    .addEdge(START, "a")
    .addConditionalEdges("a", ({ n }) => (n > 0 ? "b" : "c"), ["b", "c"]);
  expect(parallel(graph)).toEqual([]);
});

test("a choice in a Command is none either, though a list in one is", () => {
  const withPlan = (plan: (state: State) => Command<unknown, Partial<State>, string>) =>
    graphOf("b", "c")
      .addNode("plan", plan as never, { ends: ["b", "c"] })
      .addEdge(START, "plan");
  expect(parallel(withPlan(({ n }) => new Command({ goto: n > 0 ? "b" : "c" })))).toEqual([]);
  expect(parallel(withPlan(() => new Command({ goto: ["b", "c"] })))).toEqual(["b", "c"]);
});

test("a static edge beside a conditional one makes two branches", () => {
  const graph = graphOf("a", "always", "maybe")
    .addEdge(START, "a")
    .addEdge("a", "always")
    .addConditionalEdges("a", ({ n }) => (n > 0 ? "maybe" : "__end__"), ["maybe", "__end__"]);
  expect(parallel(graph)).toEqual(["always", "maybe"]);
});

test("a router's list makes branches", () => {
  const graph = graphOf("a", "b", "c")
    .addEdge(START, "a")
    .addConditionalEdges("a", () => ["b", "c"], ["b", "c"]);
  expect(parallel(graph)).toEqual(["b", "c"]);
});

test("what a router answers is translated by its list", () => {
  const graph = graphOf("a", "b", "c")
    .addEdge(START, "a")
    .addConditionalEdges("a", () => ["yes", "too"] as never, { yes: "b", too: "c" });
  expect(parallel(graph)).toEqual(["b", "c"]);
});

test("a subgraph beside others cancels them as well, by what leaves its nodes", () => {
  const inside = (name: string) => graphOf(name).addEdge(START, name).compile();
  const graph = (route: object) =>
    new StateGraph(State)
      .addNode("x", inside("a"), { retryPolicy, ...route })
      .addNode("y", inside("b"), { retryPolicy, ...route })
      .addEdge(START, "x")
      .addEdge(START, "y");
  expect(parallel(graph({}))).toEqual(["a", "b"]);
  expect(parallel(graph({ errorHandler }))).toEqual([]);
});
