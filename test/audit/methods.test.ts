/** What a method reaches by way of `this`: an object hides its client and its effects no better than a closure. */
import { START, StateGraph } from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";
import { expect, test } from "vitest";
import { auditGraph } from "#src/audit/index.ts";
import { graphOf, State, settled } from "./pair.ts";

const said = (graph: object) => auditGraph(graph).map(({ node, trap, seen }) => `${node}: ${trap}: ${seen}`);
const graphWith = (node: unknown) =>
  new StateGraph(State)
    .addNode("work", node as never, settled)
    .addEdge(START, "work")
    .compile();

class Desk {
  readonly model = new ChatOpenAI({ apiKey: "none" });
  readonly #spare = new ChatOpenAI({ apiKey: "none" });
  readonly #inside = graphOf()
    .addNode("in", () => ({}), { retryPolicy: [] as never })
    .addEdge(START, "in")
    .compile();
  async pay() {
    await fetch("http://localhost", { method: "POST" });
    return {};
  }
  payTwice() {
    return this.pay();
  }
  ask() {
    return this.model.invoke("hello");
  }
  askSpare() {
    return this.#spare.invoke("hello");
  }
  run() {
    return this.#inside.invoke({});
  }
}
const desk = new Desk();
const retries = "work: client-retries: ChatOpenAI with maxRetries 6";
const effect = "work: bare-effect: an HTTP request that changes something";

test.each([
  ["a bound method", desk.pay.bind(desk), [effect]],
  ["a bound method's `this`", desk.ask.bind(desk), [retries]],
  ["another method of `this`", () => desk.payTwice(), [`${effect} in pay`]],
  ["a field", () => desk.ask(), [retries]],
  ["a private field", () => desk.askSpare(), [retries]],
  ["a private graph", () => desk.run(), ["work: subgraph-retried: undefined", "in: retry-list: undefined"]],
])("found by way of %s", (_, node, expected) => {
  expect(said(graphWith(node))).toEqual(expected);
});

test("a private field that the method does not name is not its", () => {
  expect(said(graphWith(() => desk.pay()))).toEqual([`${effect} in pay`]);
});

test("a runnable's private fields hide no client, as LangChain's agents would have it", () => {
  class Agent {
    readonly lc_runnable = true;
    readonly #options = { model: new ChatOpenAI({ apiKey: "none" }) };
    invoke() {
      return this.#ask();
    }
    #ask() {
      return this.#options.model.invoke("hello");
    }
  }
  expect(said(graphWith(new Agent()))).toEqual([retries]);
});
