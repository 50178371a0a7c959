import { Command, interrupt, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { z } from "zod";
import { historyOf } from "#graphs/order-desk/thread-history.ts";

const state = z.object({
  outer: z.string().default(""),
  inner: z.string().default(""),
  said: z.string().default(""),
});

/** first → inside (write → ask) → last */
function built() {
  const inside = new StateGraph(state)
    .addNode("write", () => ({ inner: "written" }))
    .addNode("ask", () => ({ said: interrupt("well?") as string }))
    .addEdge(START, "write")
    .addEdge("write", "ask")
    .compile();
  return new StateGraph(state)
    .addNode("first", () => ({ outer: "one" }))
    .addNode("inside", inside)
    .addNode("last", () => ({ outer: "two" }))
    .addEdge(START, "first")
    .addEdge("first", "inside")
    .addEdge("inside", "last")
    .compile({ checkpointer: new MemorySaver() });
}

const config = { configurable: { thread_id: "t" }, durability: "sync" as const };
const subgraphs = new Set(["inside"]);

async function told(graph: ReturnType<typeof built>) {
  const entries = await historyOf(graph, subgraphs, "t");
  return entries.map(({ path, ran, changed }) => [[...path, ...ran].join("/"), changed]);
}

test("a paused subgraph's finished steps are there, the one that waits is next", async () => {
  const graph = built();
  await graph.invoke({}, config);
  expect(await told(graph)).toEqual([
    ["first", { outer: "one" }],
    ["inside/write", { inner: "written" }],
  ]);
  expect((await historyOf(graph, subgraphs, "t")).at(-1)?.next).toEqual(["ask"]);
});

test("after the answer every step stands once, a subgraph's where it ran", async () => {
  const graph = built();
  await graph.invoke({}, config);
  await graph.invoke(new Command({ resume: "fine" }), config);
  expect(await told(graph)).toEqual([
    ["first", { outer: "one" }],
    ["inside/write", { inner: "written" }],
    ["inside/ask", { said: "fine" }],
    ["inside", { inner: "written", said: "fine" }],
    ["last", { outer: "two" }],
  ]);
});

test("a thread that nobody knows has no history", async () => {
  expect(await historyOf(built(), subgraphs, "nobody")).toEqual([]);
});
