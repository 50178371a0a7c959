/** How far the audit looks from a node, and what it must not touch on the way. */
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { auditGraph } from "#src/audit/index.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
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

test("of a package only what it was given is looked at: what it does by itself is not the user's to mend", async () => {
  const folder = join(await temporaryFolder(), "node_modules/wrapper");
  await mkdir(folder, { recursive: true });
  const file = join(folder, "index.mjs");
  await writeFile(
    file,
    `import { appendFile } from "node:fs/promises";
     const client = { baseURL: "http://localhost", maxRetries: 2 };
     const note = () => appendFile("/dev/null", client.baseURL);
     export const noted = (node) => async () => { await note(); return node(); };`,
  );
  const { noted } = (await import(file)) as { noted: (node: () => unknown) => () => Promise<unknown> };
  expect(said(graphWith(noted(() => ({}))))).toEqual([]);
  expect(said(graphWith(noted(() => writes())))).toEqual([
    ["work", "bare-effect", "a file written in writes"],
  ]);
});

test("only a model's client is asked for its retries, not everything that has a caller", () => {
  const traces = { caller: { maxRetries: 4 }, send: () => ({}) };
  const embeddings = { caller: { maxRetries: 4 }, embedQuery: () => ({}) };
  expect(said(graphWith(() => traces.send()))).toEqual([]);
  expect(said(graphWith(() => embeddings.embedQuery()))).toEqual([
    ["work", "client-retries", "Object with maxRetries 4"],
  ]);
});

test("a proxy is left alone, and so is a getter: neither is asked for anything", () => {
  const ask = () => expect.unreachable();
  const traps = { get: ask, has: ask, ownKeys: ask, getOwnPropertyDescriptor: ask, getPrototypeOf: ask };
  const proxy = new Proxy({ secret: 1 }, traps);
  const list = new Proxy([1], traps);
  const holder = {
    get secret(): number {
      throw new Error("a getter ran");
    },
  };
  expect(said(graphWith(() => ({ n: proxy.secret + holder.secret + list.length })))).toEqual([]);
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
const command = new Command(parts);
const router = { decide: () => command };
const bound = router.decide.bind(router);
const table: Record<string, () => Command> = { work: () => command };
const list = new Map(Object.entries(table));
class Desk {
  leave() {
    return command;
  }
  handler() {
    return () => this.leave();
  }
}

test.each([
  ["one that it was handed", () => command],
  ["a method's", () => router.decide()],
  ["a bound method's", bound],
  ["a bound helper's", () => bound()],
  ["one made under another name", () => new Go(parts)],
  ["what `this` has", new Desk().handler()],
  ["what a table has", (_: State, { node }: { node: string }) => table[node]?.()],
  ["what a map has", (_: State, { node }: { node: string }) => list.get(node)?.()],
  ["what it imports then", async () => (await import("./elsewhere/handlers.ts")).giveUp()],
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
  const last = new StateGraph(State)
    .addNode("work", () => ({}), { ...settled, errorHandler: () => ({ log: "handled" }) })
    .addEdge(START, "work")
    .addConditionalEdges("work", () => END, [END]);
  expect(said(last)).toEqual([]);
  expect(said(handledBy(() => ({ log: "handled" }), true))).toEqual([]);
});
