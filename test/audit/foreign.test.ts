/** Graphs that know nothing of this kit, and things that only look like graphs. */
import { tool } from "@langchain/core/tools";
import {
  Annotation,
  Command,
  entrypoint,
  MessagesAnnotation,
  Send,
  START,
  StateGraph,
  StateSchema,
  task,
} from "@langchain/langgraph";
import { createReactAgent } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { expect, test } from "vitest";
import { z } from "zod";
import { auditGraph } from "#src/audit/index.ts";
import { State, settled } from "./pair.ts";

const said = (graph: unknown, options = {}) =>
  auditGraph(graph, options).map(({ node, trap, seen }) => [
    node,
    trap,
    ...(seen === undefined ? [] : [seen]),
  ]);

const pay = tool(
  async ({ amount }) => {
    await fetch("http://localhost/pay", { method: "POST", body: String(amount) });
    return "paid";
  },
  { name: "pay", schema: z.object({ amount: z.number() }) },
);

test("a prebuilt agent's model and tools are not hidden by its closures", () => {
  const agent = createReactAgent({ llm: new ChatOpenAI({ apiKey: "none" }), tools: [pay] });
  expect(said(agent)).toEqual([
    ["tools", "no-route"],
    ["tools", "no-retry"],
    ["agent", "no-route"],
    ["agent", "no-retry"],
    ["tools", "bare-effect", "an HTTP request that changes something"],
    ["agent", "client-retries", "ChatOpenAI with maxRetries 6"],
  ]);
});

test("an agent as a node is read like any subgraph, but its own nodes are nobody's to mend: the node around is", () => {
  const agent = createReactAgent({ llm: new ChatOpenAI({ apiKey: "none", maxRetries: 0 }), tools: [pay] });
  const graph = (options: object) =>
    new StateGraph(MessagesAnnotation)
      .addNode("agent", agent, { retryPolicy: { maxAttempts: 1 }, ...options })
      .addEdge(START, "agent")
      .compile();
  const found = (options: object) =>
    auditGraph(graph(options), { name: "shop" }).map(({ graph, node, trap }) => `${graph}: ${node}: ${trap}`);
  expect(found({})).toEqual(["shop: agent: no-route", "shop/agent: tools: bare-effect"]);
  expect(found({ errorHandler: settled.errorHandler })).toEqual(["shop/agent: tools: bare-effect"]);
});

test("a functional entrypoint is not asked for routes that it cannot have", () => {
  const charge = task("charge", async () => {
    await fetch("http://localhost/pay", { method: "POST" });
  });
  const flow = entrypoint("flow", async () => {
    await charge();
    return 1;
  });
  expect(said(flow)).toEqual([["flow", "bare-effect", "an HTTP request that changes something"]]);
});

test("annotations, schemas and graphs that are not compiled are read too, and stay as they were", async () => {
  const annotated = new StateGraph(Annotation.Root({ n: Annotation<number> }))
    .addNode("work", () => ({ n: 1 }))
    .addEdge(START, "work");
  expect(said(annotated)).toEqual([
    ["work", "no-route"],
    ["work", "no-retry"],
  ]);
  annotated.addNode("more", () => ({ n: 2 })).addEdge("work", "more");
  expect(await annotated.compile().invoke({})).toEqual({ n: 2 });

  const schema = new StateSchema({ due: z.object({ at: z.array(z.date()) }).optional() });
  const dated = new StateGraph(schema).addNode("work", () => ({}), settled).addEdge(START, "work");
  expect(said(dated)).toEqual([["state.due", "date-in-state"]]);
});

test("odd values in a closure do no harm", () => {
  const odd = { self: {} as object, nothing: Object.create(null) as object, symbol: Symbol("odd") };
  odd.self = odd;
  const graph = new StateGraph(State)
    .addNode("work", () => ({ log: String([odd.self, odd.nothing, odd.symbol]) }), settled)
    .addEdge(START, "work")
    .compile();
  expect(said(graph)).toEqual([]);
});

test("a graph that calls itself does not keep the audit busy for ever", () => {
  const graph: { invoke(state: object): Promise<object> } = new StateGraph(State)
    .addNode(
      "again",
      async (state): Promise<object> => (state.n > 2 ? {} : graph.invoke({ n: state.n + 1 })),
      {
        ...settled,
      },
    )
    .addEdge(START, "again")
    .compile();
  expect(said(graph)).toEqual([]);
});

test("text in strings and comments raises no alarm", () => {
  const prompt = 'Never write fetch(url, { method: "POST" }) nor new Command({ goto: "nowhere" }).';
  const graph = new StateGraph(State)
    .addNode(
      "work",
      () => {
        // new Send("nobody", {}) and appendFile(path) are what this does not do.
        return {
          log: `${prompt} throw, try { interrupt() } catch { ${"x"} } 'fs.rm(path)'`.replace(/[`"']/g, ""),
        };
      },
      settled,
    )
    .addEdge(START, "work")
    .compile();
  expect(said(graph)).toEqual([]);
});

test("reading is no effect, and neither is a model's answer", () => {
  const pool = { query: async (sql: string) => [sql] };
  const graph = new StateGraph(State)
    .addNode(
      "look",
      async () => {
        const page = await fetch("http://localhost/rates", { method: "GET" });
        const [row] = await pool.query("SELECT updated, insert_time FROM orders");
        const seen = new Map([[row, page]]);
        seen.delete(row);
        return { log: /a+/.exec("aa")?.[0] ?? "" };
      },
      settled,
    )
    .addEdge(START, "look")
    .compile();
  expect(said(graph)).toEqual([]);
});

test("one effect beside the ledger is found, though another goes through it", () => {
  const once = async (_: unknown, _name: string, _args: unknown, run: () => Promise<unknown>) => run();
  const pool = { query: async (sql: string) => [sql] };
  const graph = new StateGraph(State)
    .addNode(
      "pay",
      async (_, runtime) => {
        await once(runtime, "insert", null, () => fetch("http://localhost", { method: "POST" }));
        await pool.query("UPDATE accounts SET paid = true");
        return {};
      },
      settled,
    )
    .addEdge(START, "pay")
    .compile();
  expect(said(graph)).toEqual([["pay", "bare-effect", "a SQL statement that changes something"]]);
});

test("a client that a node holds and the module exports is one finding", () => {
  const model = new ChatOpenAI({ apiKey: "none" });
  const graph = new StateGraph(State)
    .addNode("ask", async () => ({ log: String((await model.invoke("hello")).content) }), settled)
    .addEdge(START, "ask")
    .compile();
  expect(said(graph, { exports: { model } })).toEqual([
    ["ask", "client-retries", "ChatOpenAI with maxRetries 6"],
  ]);
});

test("what the module alone shows is found too: its clients, and the durability of its runs", () => {
  const spare = new ChatOpenAI({ apiKey: "none" });
  const graph = new StateGraph(State)
    .addNode(
      "pay",
      async () => {
        await fetch("http://localhost/pay", { method: "POST", headers: { "Idempotency-Key": "1" } });
        return {};
      },
      settled,
    )
    .addEdge(START, "pay")
    .compile();
  expect(said(graph)).toEqual([]);
  const source = `await graph.invoke({}, { durability: "async" });`;
  expect(said(graph, { exports: { graph, spare }, source })).toEqual([
    ["export spare", "client-retries", "ChatOpenAI with maxRetries 6"],
    ["its file", "durability-not-sync", 'durability: "async"'],
  ]);
});

test("a router's answers are node names only where no list translates them, and no inner function says them", () => {
  const graphWith = (router: (state: State) => string, ends?: Record<string, "work">) =>
    new StateGraph(State)
      .setNodeDefaults(settled)
      .addNode("plan", () => ({}))
      .addNode("work", () => ({}))
      .addEdge(START, "plan")
      .addConditionalEdges("plan", router as () => "work", ends as never)
      .compile();
  expect(said(graphWith(() => "yes", { yes: "work" }))).toEqual([]);
  expect(said(graphWith(({ log }) => ["work"].find((name) => (log ? "first" : name)) ?? "work"))).toEqual([]);
  expect(said(graphWith(() => "yes"))).toEqual([["plan", "goto-nowhere", 'a goto to "yes"']]);
});

test.each([undefined, null, 1, "graph", {}, [], () => 1, { nodes: {} }])(
  "what is no graph is refused in plain words: %j",
  (value) => {
    expect(() => auditGraph(value)).toThrow(/auditGraph needs a graph of LangGraph\.js/);
  },
);

test("a hand-off to the parent's nodes, and the nodes of a graph that a node builds, are no names of this graph", () => {
  const graphWith = (node: () => unknown) =>
    new StateGraph(State)
      .addNode("work", node as never, settled)
      .addEdge(START, "work")
      .compile();
  const handsOff = () => [new Command({ graph: Command.PARENT, goto: [new Send("billing", {})] }), {}];
  expect(said(graphWith(handsOff))).toEqual([]);
  const next = () => new Command({ goto: "b" });
  const build = () => graphWith(next);
  const inside = () => new StateGraph(State).addNode("a", next as never).addNode("b", () => ({}));
  expect(said(graphWith(() => inside().compile().invoke({})))).toEqual([]);
  expect(said(build())).toEqual([["work", "goto-nowhere", 'a goto to "b"']]);
});

test("Command and Send are known under another name too", () => {
  const [Go, To] = [Command, Send];
  const graph = new StateGraph(State)
    .setNodeDefaults(settled)
    .addNode("plan", (() => new Go({ goto: "nowhere" })) as never)
    .addEdge(START, "plan")
    .addConditionalEdges("plan", (() => [new To("gone", {})]) as never);
  expect(said(graph)).toEqual([["plan", "goto-nowhere", 'a goto to "nowhere", a Send to "gone"']]);
});
