/** A graph's own exceptions: stated with a reason, and never silent. */
import { START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { auditGraph } from "#src/audit/index.ts";
import { retryPolicy, State, settled } from "./pair.ts";

const allow = (reasons: object) => ({ metadata: { audit: { allow: reasons } } });

const graphWith = (options: object) =>
  new StateGraph(State)
    .addNode("ping", () => ({}), options)
    .addEdge(START, "ping")
    .compile();

const allowed = (graph: object) => auditGraph(graph).map(({ trap, allowed }) => [trap, allowed]);

test("an exception with a reason is passed on with it, and covers no other trap", () => {
  expect(allowed(graphWith(allow({ "no-retry": "the next ping is soon" })))).toEqual([
    ["no-route", undefined],
    ["no-retry", "the next ping is soon"],
  ]);
});

test.each(["", "  ", true, 1, null])("an exception without a reason is none: %j", (reason) => {
  expect(
    allowed(graphWith({ ...settled, retryPolicy: undefined, ...allow({ "no-retry": reason }) })),
  ).toEqual([["no-retry", undefined]]);
});

test("what is about the whole graph is allowed in the metadata that is bound with it", () => {
  const graph = graphWith(settled).withConfig({
    maxConcurrency: 1,
    ...allow({ "max-concurrency-one": "no node of it runs beside another" }),
  });
  expect(allowed(graph)).toEqual([["max-concurrency-one", "no node of it runs beside another"]]);
});

test("what is allowed on a subgraph, or on its node, is allowed inside: the graph may not be one's own", () => {
  const inside = graphWith({ retryPolicy });
  const reasons = allow({ "no-route": "another team's" });
  const around = (graph: object, options: object) =>
    new StateGraph(State)
      .addNode("inside", graph as never, { retryPolicy: { maxAttempts: 1 }, ...options })
      .addEdge(START, "inside")
      .compile();
  expect(allowed(around(inside, {}))).toEqual([["no-route", undefined]]);
  expect(allowed(around(inside, reasons))).toEqual([["no-route", "another team's"]]);
  expect(allowed(around(inside.withConfig(reasons), {}))).toEqual([["no-route", "another team's"]]);
});
