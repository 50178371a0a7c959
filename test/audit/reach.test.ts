/** How far the audit looks from a node, and what it must not touch on the way. */
import { appendFile } from "node:fs/promises";
import { Command, END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { auditGraph } from "#src/audit/index.ts";
import { State, settled } from "./pair.ts";

const said = (graph: object) =>
  auditGraph(graph).map(({ node, trap, seen }) => [node, trap, ...(seen === undefined ? [] : [seen])]);

const graphWith = (node: (state: State) => unknown) =>
  new StateGraph(State)
    .addNode("work", node as never, settled)
    .addEdge(START, "work")
    .compile();

const writes = () => appendFile("/dev/null", "");
const helper = () => writes();
const opensSomething = () => helper();

test("an effect in a helper's helper is found; what stands behind more is no effect of the node", () => {
  expect(said(graphWith(() => helper()))).toEqual([["work", "bare-effect", "a file written in writes"]]);
  expect(said(graphWith(() => opensSomething()))).toEqual([]);
});

test("wrappers around a node hide nothing, however many there are", () => {
  const wrapped = (node: () => unknown) => async () => node();
  const node = wrapped(wrapped(wrapped(wrapped(() => writes()))));
  expect(said(graphWith(node))).toEqual([["work", "bare-effect", "a file written in writes"]]);
});

test("a proxy is left alone, and so is a getter: neither is asked for anything", () => {
  const ask = () => expect.unreachable();
  const proxy = new Proxy(
    { secret: 1 },
    { get: ask, has: ask, ownKeys: ask, getOwnPropertyDescriptor: ask, getPrototypeOf: ask },
  );
  const holder = {
    get secret(): number {
      throw new Error("a getter ran");
    },
  };
  expect(said(graphWith(() => ({ n: proxy.secret + holder.secret })))).toEqual([]);
});

const handledBy = (errorHandler: unknown, last = false) => {
  const graph = new StateGraph(State)
    .addNode("work", () => ({}), { retryPolicy: settled.retryPolicy, errorHandler: errorHandler as never })
    .addNode("after", () => ({}), settled)
    .addEdge(START, "work");
  return (
    last ? graph.addEdge("work", END).addEdge(START, "after") : graph.addEdge("work", "after")
  ).compile();
};
const Go = Command;
const parts = { goto: "after" };
const giveUp = new Command(parts);
const router = { decide: () => giveUp };
const bound = router.decide.bind(router);

test.each([
  ["one that it was handed", () => giveUp],
  ["a method's", () => router.decide()],
  ["a bound method's", bound],
  ["a bound helper's", () => bound()],
  ["one made under another name", () => new Go(parts)],
])("a handler whose Command the audit cannot read is believed: %s", (_, handler) => {
  expect(said(handledBy(handler))).toEqual([]);
});

test.each([
  ["its own update", () => ({ log: "handled" })],
  ["a person's answer", () => ({ log: String(interrupt("what now?")) })],
])("a handler that answers with an update is not, whatever package helps it: %s", (_, handler) => {
  expect(said(handledBy(handler))).toEqual([["work", "handler-without-goto"]]);
});

test("a handler on a last node may answer with an update: nothing would follow", () => {
  expect(said(handledBy(() => ({ log: "handled" }), true))).toEqual([]);
});
