/** What a graph is run with, as far as its file or a node that calls it shows. */
import { MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { auditGraph } from "#src/audit/index.ts";
import { State, settled } from "./pair.ts";

const pays = () =>
  new StateGraph(State)
    .addNode(
      "pay",
      async () => {
        await fetch("http://localhost/pay", { method: "POST", headers: { "Idempotency-Key": "1" } });
        return {};
      },
      settled,
    )
    .addEdge(START, "pay");
const graph = pays().compile({ checkpointer: new MemorySaver() });

const said = (source: string, of: object = graph) =>
  auditGraph(of, { exports: { graph: of }, source }).map(
    ({ node, trap, seen }) => `${node}: ${trap}: ${seen}`,
  );

test("a run without a durability is async: a crash takes back what the effect's checkpoint said", () => {
  const found = ["its file: durability-not-sync: a run with none, which is async"];
  expect(said("await graph.invoke({}, config);")).toEqual(found);
  expect(said("for await (const part of await graph.stream({})) show(part);")).toEqual(found);
});

test.each([
  ["says one elsewhere", `const run = { durability: "sync" }; await graph.invoke({}, run);`],
  ["only speaks of another in a prompt", `const prompt = 'never durability: "exit" here';`],
  ["runs something else", "await model.invoke({}); await sub.graph.invoke({});"],
])("no durability is asked of a file that %s", (_, source) => {
  expect(said(source)).toEqual([]);
});

test("none is asked of a graph that is saved nowhere, or has its own", () => {
  expect(said("await graph.invoke({});", pays().compile())).toEqual([]);
  expect(said("await graph.invoke({});", graph.withConfig({ durability: "sync" } as object))).toEqual([]);
});

test("one at a time is found where the file says so, and where a node does of a graph that it calls", () => {
  const found = "max-concurrency-one: maxConcurrency: 1";
  expect(said(`await graph.invoke({}, { durability: "sync", maxConcurrency: 1 });`)).toEqual([
    `its file: ${found}`,
  ]);
  const inside = pays().compile();
  const outside = new StateGraph(State)
    .addNode("call", (state) => inside.invoke(state, { maxConcurrency: 1 }), {
      ...settled,
      retryPolicy: { maxAttempts: 1 },
    })
    .addEdge(START, "call");
  expect(said("", outside)).toEqual([`call: ${found}`]);
});
