/** A supervisor on a running graph: OTP's rules where they meet LangGraph's state and supersteps. */
import { Command, interrupt, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { Fault } from "#src/faults/index.ts";
import { type Child, supervise } from "#src/isolation/index.ts";
import { failing, graphOf, never, oops, run, State } from "./desk.ts";

describe("who runs", () => {
  test("stages that wait for each other run in turn, and the supervisor ends when nobody is wanted", async () => {
    const graph = graphOf([
      { name: "planning", restart: "transient", when: (s) => s.plan === null, run: () => ({ plan: "p" }) },
      {
        name: "fulfilment",
        restart: "transient",
        when: (s) => s.plan !== null && s.done === "",
        run: (s) => ({ done: `did ${s.plan}` }),
      },
    ]);
    const { told, state } = await run(graph);
    expect(told).toEqual(["+planning", "planning.", "+fulfilment", "fulfilment."]);
    expect(state.done).toBe("did p");
  });

  test("a failure takes siblings along at once, instead of waiting until they are through", async () => {
    const a = failing(1, { plan: "made" });
    const aborted: unknown[] = [];
    const graph = graphOf(
      [
        { name: "a", restart: "transient", run: a },
        {
          name: "b",
          restart: "transient",
          // Its first run would never end, and does not look at its signal.
          run: (_, { signal }) => {
            if (a.runs > 1) return { log: "b" };
            signal?.addEventListener("abort", () => aborted.push(signal.reason));
            return never();
          },
        },
      ],
      { strategy: "one_for_all" },
    );
    const { told, error, state } = await run(graph);
    expect(error).toBeUndefined();
    expect(told).toEqual(["+a", "+b", "attempt_failed", "a!", "-b", "~a&b", "+a", "+b", "a.", "b."]);
    expect(aborted).toMatchObject([{ name: "AbortError" }]);
    expect(state).toMatchObject({ plan: "made", log: "b" });
  });

  test("a subgraph that is stopped ends at once, too", async () => {
    const a = failing(1);
    let runs = 0;
    const inner = new StateGraph(State)
      .addNode("x", () => {
        runs += 1;
        return runs === 1 ? never() : { log: "b" };
      })
      .addEdge(START, "x")
      .compile();
    const children: Child<State>[] = [
      { name: "a", restart: "transient", run: a },
      { name: "b", restart: "transient", run: inner },
    ];
    const { told, state } = await run(graphOf(children, { strategy: "rest_for_one" }));
    expect(told.slice(3)).toEqual(["a!", "-b", "~a&b", "+a", "+b", "a.", "b."]);
    expect(state.log).toBe("b");
  });

  test("one_for_one leaves its siblings alone, and restarts when their superstep is over", async () => {
    const a = failing(1);
    let runs = 0;
    const b = async () => {
      while (a.runs === 0) await new Promise(setImmediate);
      runs += 1;
      return { log: "b" };
    };
    const graph = graphOf([
      { name: "a", restart: "transient", run: a },
      { name: "b", restart: "transient", run: b },
    ]);
    const { told } = await run(graph);
    expect(told.slice(-3)).toEqual(["~a", "+a", "a."]);
    expect(told.slice(0, -3).sort()).toEqual(["+a", "+b", "a!", "attempt_failed", "b."]);
    expect(runs).toBe(1);
  });

  test("a significant child's end ends them all, without a fault", async () => {
    const graph = graphOf(
      [
        { name: "clock", run: never },
        { name: "worker", restart: "transient", significant: true, run: () => ({ log: "done" }) },
      ],
      { autoShutdown: "any_significant" },
    );
    const { told, error, state } = await run(graph);
    expect(error).toBeUndefined();
    expect(told).toEqual(["+clock", "+worker", "worker.", "-clock"]);
    expect(state).toMatchObject({ log: "done", supervision: { work: { over: "shut_down" } } });
  });

  test("a temporary child's failure stops nobody and is not lost", async () => {
    const graph = graphOf([
      { name: "a", restart: "temporary", run: failing(1) },
      { name: "b", restart: "transient", run: () => ({ log: "b" }) },
    ]);
    const { told, error, state } = await run(graph);
    expect(error).toBeUndefined();
    expect(told).not.toContain("~a");
    expect(state.log).toBe("b");
    expect(state.faults).toMatchObject([{ node: "a", code: "oops", route: "supervisor", settled: true }]);
  });

  test("a permanent child runs on until it has nothing to do", async () => {
    const graph = graphOf(
      [{ name: "a", when: (s) => s.facts.length < 3, run: () => ({ facts: ["fact"] }) }],
      { intensity: 2 },
    );
    const { error, state } = await run(graph);
    expect(error).toBeUndefined();
    expect(state.facts).toHaveLength(3);
  });

  test("a plain child's transient faults are retried before its supervisor hears of one", async () => {
    let runs = 0;
    const graph = graphOf([
      {
        name: "a",
        restart: "transient",
        retry: { attempts: 3, baseMs: 0 },
        run: () => {
          runs += 1;
          if (runs < 3) throw new Fault("transient", "http_503", "down");
          return { log: "up" };
        },
      },
    ]);
    const { told, state } = await run(graph);
    expect(told.filter((word) => word.startsWith("~"))).toEqual([]);
    expect(state.log).toBe("up");
    expect(state.faults.map(({ route }) => route)).toEqual(["retried", "retried"]);
  });
});

test("retries that did not help stand in `faults`, with the failure that they ended in", async () => {
  const down = () => Promise.reject(new Fault("transient", "http_503", "down"));
  const child: Child<State> = {
    name: "a",
    restart: "temporary",
    retry: { attempts: 3, baseMs: 0 },
    run: down,
  };
  const { state } = await run(graphOf([child]));
  expect(state.faults.map(({ attempts, route }) => [attempts, route])).toEqual([
    [1, "retried"],
    [2, "retried"],
    [3, "supervisor"],
  ]);
  expect(state.rounds).toEqual({ "a:retries": 2 });
});

describe("stop", () => {
  test("stopped children release what they hold, last started first; one that cannot keeps nobody else", async () => {
    const order: string[] = [];
    const a = failing(1);
    const hold = (name: string): Child<State> => ({
      name,
      restart: "transient",
      run: () => (a.runs > 1 ? {} : never()),
      stop: () => {
        order.push(name);
        if (name === "c") throw new Error("cannot let go");
      },
    });
    const graph = graphOf([{ name: "a", restart: "transient", run: a }, hold("b"), hold("c"), hold("d")], {
      strategy: "one_for_all",
    });
    const { error, events, state } = await run(graph);
    expect(error).toBeUndefined();
    expect(order).toEqual(["d", "c", "b"]);
    expect(events.filter(({ type }) => type === "child_stopped")).toMatchObject([
      { node: "d", because: "a", trouble: undefined },
      { node: "c", because: "a", trouble: "cannot let go" },
      { node: "b", because: "a", trouble: undefined },
    ]);
    expect(state.faults).toMatchObject([
      { node: "a" },
      { node: "c", message: "cannot let go", settled: true },
    ]);
  });
});

test("a stop may ask a person, who may take their time", async () => {
  const a = failing(1);
  const graph = graphOf(
    [
      { name: "a", restart: "transient", run: a },
      {
        name: "b",
        restart: "transient",
        run: () => (a.runs > 1 ? {} : never()),
        stop: () => interrupt("may it be released?"),
      },
    ],
    { strategy: "one_for_all" },
  );
  const paused = await run(graph);
  expect(paused.snapshot.tasks[0]?.interrupts[0]?.value).toBe("may it be released?");
  const { error, told } = await run(graph, new Command({ resume: "yes" }));
  expect(error).toBeUndefined();
  expect(told.slice(-2)).toEqual(["a.", "b."]);
});

describe("where it stands in a graph", () => {
  test("a second visit is another life: what ended starts again, with its intensity", async () => {
    const a = failing(1);
    const graph = graphOf([{ name: "a", restart: "transient", run: a }]);
    for (const _ of ["first", "second"]) {
      a.runs = 0;
      const { told, error } = await run(graph);
      expect(error).toBeUndefined();
      expect(told).toEqual(["+a", "attempt_failed", "a!", "~a", "+a", "a."]);
    }
  });

  test("a state that another visit left half-way is not taken for this one's", async () => {
    const left = { visit: "work:elsewhere", turn: 7, children: { a: "running" as const }, restarts: [] };
    const graph = graphOf([{ name: "a", restart: "transient", run: () => ({ log: "done" }) }]);
    const { told, state } = await run(graph, { supervision: { work: left } });
    expect(told).toEqual(["+a", "a."]);
    expect(state).toMatchObject({ log: "done", supervision: { work: { turn: 9 } } });
  });

  test("one supervisor within another of the same name keeps its own account", async () => {
    const leaf = failing(3, { done: "yes" });
    const children = (name: string, run: Child<State>["run"]): Child<State>[] => [
      { name, restart: "transient", run },
    ];
    const inner = supervise({ name: "work", state: State, children: children("leaf", leaf) });
    const { error, state } = await run(graphOf(children("inner", inner)));
    expect(error).toBeUndefined();
    expect(state.done).toBe("yes");
    expect(Object.keys(state.supervision).sort()).toEqual(["work", "work/inner"]);
  });

  test("it needs no checkpointer", async () => {
    const work = supervise({
      name: "work",
      state: State,
      children: [{ name: "a", restart: "transient", run: failing(1, { done: "yes" }) }],
    });
    expect((await work.invoke(State.parse({}))).done).toBe("yes");
  });

  test("a child that leaves by a Command to the outer graph has ended, whatever it ended with before", async () => {
    let runs = 0;
    const inner = new StateGraph(State)
      .addNode("x", () => {
        runs += 1;
        if (runs === 1) throw oops();
        return new Command({ graph: Command.PARENT, update: { plan: "handed up" } });
      })
      .addEdge(START, "x")
      .compile();
    const graph = graphOf([{ name: "a", restart: "transient", run: inner as never }]);
    const { told, error, state } = await run(graph);
    expect(error).toBeUndefined();
    expect(told).toEqual(["+a", "attempt_failed", "a!", "~a", "+a", "a."]);
    expect(state.plan).toBe("handed up");
  });
});
