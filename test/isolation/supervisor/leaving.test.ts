/** Commands out of a child: who runs next is the supervisor's to say, and the outer graph is none of its business. */
import type { Runnable } from "@langchain/core/runnables";
import { Command, END, MemorySaver, Send, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { type Child, supervise, withinBudgets } from "#src/isolation/index.ts";
import { hub } from "#src/isolation/supervisor/hub.ts";
import { rulesOf } from "#src/isolation/supervisor/options.ts";
import { failing, type Graph, graphOf, onThread, oops, run, State } from "./desk.ts";

type Run = Child<State>["run"];
type Goto = ConstructorParameters<typeof Command>[0]["goto"];

const parent = (goto: Goto, update: Partial<State> = {}) =>
  new Command({ graph: Command.PARENT, update, ...(goto === undefined ? {} : { goto }) });

/** As a compiled subgraph, in a function that runs it, as a plain node, and a level deeper. */
const ways: [string, (answer: () => Command) => Run][] = [
  ["a subgraph", (answer) => graphWith(answer)],
  [
    "a function with a graph",
    (answer) => (state, runtime) => graphWith(answer).invoke(state, runtime as never),
  ],
  ["a plain node", (answer) => answer],
  ["a plain node's list", (answer) => () => [answer(), {}]],
  [
    "an error handler in a subgraph",
    (answer) => graphWith(() => Promise.reject(oops()), { errorHandler: answer }),
  ],
  ["a supervisor's child", (answer) => nested(graphWith(answer))],
];

const graphWith = (answer: () => Command | Promise<Command>, more: object = {}) =>
  new StateGraph(State)
    .addNode("x", answer, { ends: [], ...more })
    .addEdge(START, "x")
    .compile();

const child = (name: string, run: Run): Child<State> => ({ name, restart: "transient", run });

const nested = (run: Run) =>
  supervise({ name: "inner", state: State, intensity: 0, children: [child("leaf", run)] });

const handing = graphWith(() => parent("human"));

describe.each(ways)("%s", (_, from) => {
  test.each<[string, Goto]>([
    ["by name", "b"],
    ["in a list", ["elsewhere", "b"]],
    ["by a Send", new Send("b", {})],
  ])("a goto to a sibling that is not wanted is refused, not run: %s", async (_, goto) => {
    const b = failing(0);
    const graph = graphOf(
      [
        child(
          "a",
          from(() => parent(goto)),
        ),
        { ...child("b", b), when: () => false },
      ],
      { intensity: 0 },
    );
    const { error } = await run(graph);
    expect(b.runs).toBe(0);
    expect(error).toMatchObject({
      code: "restarts_spent",
      cause: { category: "unexpected", code: "goto_of_child" },
    });
    expect((error as { cause: Error }).cause.message).toMatch(
      /^a answered with a goto to the child b, whom only the supervisor starts: write to the state[^\n]*$/,
    );
  });

  test("a hand-off arrives at the outer graph's node, with what was written", async () => {
    const { out } = await handOff(
      child(
        "a",
        from(() => parent("human", { log: "handed over" })),
      ),
    );
    expect(out).toMatchObject({ log: "handed over", done: "human" });
  });
});

/** `human` stands in the outer graph. */
async function handOff(...children: Child<State>[]) {
  const work = supervise({ name: "work", state: State, children });
  const graph = new StateGraph(State)
    .addNode("work", work as unknown as Runnable<State, Partial<State>>, { ends: ["human"] })
    .addNode("human", () => ({ done: "human" }))
    .addEdge(START, "work")
    .addEdge("work", END)
    .compile({ checkpointer: new MemorySaver() });
  return { graph, out: await graph.invoke({}, onThread()) };
}

test("a sibling that fails by a goto is no storm of new lives: it does not run at all", async () => {
  const b = failing(99);
  const children: Child<State>[] = [
    child(
      "a",
      graphWith(() => parent("b")),
    ),
    { ...child("b", b), when: () => false },
  ];
  const { error } = await run(graphOf(children, { intensity: 1 }));
  expect(error).toMatchObject({ code: "restarts_spent", details: { child: "a", restarts: 2 } });
  expect(b.runs).toBe(0);
});

test("an update to the parent without a goto is the child's answer", async () => {
  const answer = () => parent(undefined, { plan: "handed up" });
  const { told, state } = await run(graphOf([child("a", graphWith(answer))]));
  expect(told).toEqual(["+a", "a."]);
  expect(state.plan).toBe("handed up");
});

test("whoever leaves stops its siblings: they would go on for nobody", async () => {
  let stopped: unknown;
  const sibling: Run = (_, { signal }) =>
    new Promise((_, reject) => {
      signal?.addEventListener("abort", () => {
        stopped = signal.reason;
        reject(signal.reason);
      });
    });
  const { out } = await handOff(child("a", handing), child("b", sibling));
  expect(out.done).toBe("human");
  expect(stopped).toMatchObject({ name: "AbortError", message: "b is stopped: a left their supervisor" });
});

test.each<[string, Run]>([
  ["a subgraph", handing],
  ["a list", () => [parent("human")]],
])(
  "what children spent before a hand-off by %s is not lost with the supervisor's state",
  async (_, leaving) => {
    const call: Run = async (_, runtime) => {
      await withinBudgets(
        runtime,
        {},
        async () => "answer",
        () => 5,
      );
      return { plan: "made" };
    };
    const children: Child<State>[] = [
      { ...child("planning", call), when: ({ plan }) => plan === null },
      { ...child("a", leaving), when: ({ plan }) => plan !== null },
    ];
    const { out } = await handOff(...children);
    expect(out).toMatchObject({
      plan: null,
      done: "human",
      spent: { "thread:calls": 1, "thread:tokens": 5 },
    });
  },
);

test("a visit after a hand-off is a new life", async () => {
  const { graph } = await handOff(child("a", handing));
  const { told, error } = await run(graph as unknown as Graph);
  expect(told).toEqual(["+a"]);
  expect(error).toBeUndefined();
});

describe("the hub", () => {
  const children: Child<State>[] = ["a", "b"].map((name) => ({
    name,
    restart: "transient",
    when: () => false,
    run: () => ({}),
  }));
  const rules = rulesOf({ name: "work", state: State, children });
  const restarts = [
    { child: "a", at: 0, restarted: ["a"], category: "compensable", code: "oops", message: "" },
  ];
  const runtime = { executionInfo: { checkpointNs: "work:1|supervisor:2" } };
  const next = async (turn: number, children: Record<string, string>, exits: object) => {
    const ask = hub<State>({ name: "work", rules, now: () => 1 }, State, []);
    const supervision = { work: { visit: "work:1", turn, children, restarts } };
    const state = { ...State.parse({}), supervision, childExits: exits };
    const { update, goto } = await ask(state as never, runtime as never);
    return { goto, life: (update as unknown as State).supervision.work };
  };

  test("an exit of a child that nobody started begins no new life with fresh intensity", async () => {
    const failure = { category: "compensable", code: "oops", message: "" };
    const exits = { turn: 3, exits: [{ child: "b", at: 1, how: "failed", failure }] };
    const { goto, life } = await next(3, { a: "ended", b: "gone" }, exits);
    expect(life).toMatchObject({ children: { a: "ended", b: "gone" }, restarts });
    expect(goto).toEqual([END]);
  });

  test("new input after the end is a new life", async () => {
    const { life } = await next(3, { a: "ended", b: "ended" }, { turn: 2, exits: [] });
    expect(life?.restarts).toEqual([]);
  });

  test("a child that was cut off, and of which nobody heard, starts again: it did not end", async () => {
    const { goto, life } = await next(3, { a: "running", b: "ended" }, { turn: 2, exits: [] });
    expect(goto).toEqual(["a"]);
    expect(life).toMatchObject({ children: { a: "running", b: "ended" }, restarts });
  });
});
