/** Pauses, aborts, crashes and LangGraph's traps: what a supervisor must neither count nor lose. */
import { Command, interrupt, MemorySaver, RunControl, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Fault } from "#src/faults/index.ts";
import { withinBudgets } from "#src/isolation/budget.ts";
import { type Child, supervise } from "#src/isolation/index.ts";
import { exitsChannel } from "#src/isolation/supervisor/channels.ts";
import { dyingSaver } from "../../traps/graphs.ts";
import { type Graph, graphOf, onThread, oops, run, State } from "./desk.ts";

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const untilAborted = (signal: AbortSignal | undefined) =>
  new Promise<never>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));

describe("a person is asked within a child", () => {
  /** Two nodes, so that one can see which of them runs again. */
  function asking() {
    const runs = { before: 0, ask: 0 };
    const graph = new StateGraph(State)
      .addNode("before", () => {
        runs.before += 1;
        return {};
      })
      .addNode("ask", () => {
        runs.ask += 1;
        return { plan: String(interrupt("which plan?")) };
      })
      .addEdge(START, "before")
      .addEdge("before", "ask")
      .compile();
    return { runs, graph };
  }

  test("the answer goes on inside, and is no restart", async () => {
    const { runs, graph: planning } = asking();
    const graph = graphOf([{ name: "planning", restart: "transient", run: planning }], { intensity: 0 });
    const paused = await run(graph);
    expect(paused).toMatchObject({ error: undefined, told: ["+planning"] });
    expect(paused.snapshot.tasks[0]?.interrupts[0]?.value).toBe("which plan?");
    const answered = await run(graph, new Command({ resume: "A" }));
    expect(answered.told).toEqual(["planning."]);
    expect(answered.state).toMatchObject({ plan: "A", supervision: { work: { restarts: [] } } });
    expect(runs).toEqual({ before: 1, ask: 2 });
  });

  test("another process has the answer", async () => {
    const checkpointer = new MemorySaver();
    const { runs, graph } = asking();
    const process = () => graphOf([{ name: "planning", restart: "transient", run: graph }], {}, checkpointer);
    await run(process());
    expect((await run(process(), new Command({ resume: "A" }))).state.plan).toBe("A");
    expect(runs.before).toBe(1);
  });

  test("a plain node may ask, too", async () => {
    const ask = () => ({ plan: String(interrupt("which plan?")) });
    const graph = graphOf([{ name: "planning", restart: "transient", run: ask }], { intensity: 0 });
    await run(graph);
    const { told, state } = await run(graph, new Command({ resume: "A" }));
    expect(told).toEqual(["planning."]);
    expect(state.plan).toBe("A");
  });

  test("what is asked inside can be seen from outside, with its state", async () => {
    const graph = graphOf([{ name: "planning", restart: "transient", run: asking().graph }]);
    await run(graph);
    const { tasks } = await graph.getState(onThread(), { subgraphs: true });
    const work = tasks[0]?.state as { tasks: { name: string; state: { next: string[] } }[] };
    expect(work.tasks[0]?.state.next).toEqual(["ask"]);
  });

  test("when a sibling fails meanwhile, the question is asked anew under one_for_all, and not otherwise", async () => {
    for (const [strategy, asks] of [
      ["one_for_all", 3],
      ["one_for_one", 2],
    ] as const) {
      const { runs, graph: planning } = asking();
      let tries = 0;
      const sibling = async () => {
        while (runs.ask === 0) await later(10);
        await later(10);
        tries += 1;
        if (tries === 1) throw oops();
        return { log: "b" };
      };
      const children: Child<State>[] = [
        { name: "planning", restart: "transient", run: planning },
        { name: "b", restart: "transient", run: sibling },
      ];
      const graph = graphOf(children, { strategy });
      await run(graph);
      let last = await run(graph, new Command({ resume: "first" }));
      if (strategy === "one_for_all") {
        expect(last.told).toEqual(["b!", "-planning", "~planning&b", "+planning", "+b"]);
        last = await run(graph, new Command({ resume: "second" }));
      }
      expect(last.error).toBeUndefined();
      expect(last.state).toMatchObject({ plan: strategy === "one_for_all" ? "second" : "first", log: "b" });
      expect(runs.ask).toBe(asks);
    }
  });
});

describe("the run is stopped, not the child", () => {
  test("an abort is no failure: the child goes on where it was", async () => {
    const stop = new AbortController();
    let runs = 0;
    const child: Child<State>["run"] = (_, { signal }) => {
      runs += 1;
      if (runs > 1) return { log: "done" };
      setTimeout(() => stop.abort(), 10);
      return untilAborted(signal);
    };
    const graph = graphOf([{ name: "a", restart: "transient", run: child }], { intensity: 0 });
    expect((await run(graph, {}, { signal: stop.signal })).error).toMatchObject({ name: "AbortError" });
    const { told, error, state } = await run(graph, null);
    expect(error).toBeUndefined();
    expect(told).toEqual(["a."]);
    expect(state.log).toBe("done");
  });

  test("a drain stops within the child, and the next run goes on there", async () => {
    const control = new RunControl();
    const runs = { x: 0, y: 0 };
    const inner = new StateGraph(State)
      .addNode("x", () => {
        runs.x += 1;
        control.requestDrain("sigterm");
        return {};
      })
      .addNode("y", () => {
        runs.y += 1;
        return { log: "done" };
      })
      .addEdge(START, "x")
      .addEdge("x", "y")
      .compile();
    const graph = graphOf([{ name: "a", restart: "transient", run: inner }], { intensity: 0 });
    expect((await run(graph, {}, { control })).error).toMatchObject({ name: "GraphDrained" });
    const { told, state } = await run(graph, null);
    expect(told).toEqual(["a."]);
    expect(state.log).toBe("done");
    expect(runs).toEqual({ x: 1, y: 1 });
  });

  test("B3: a failure beside the supervisor cancels it whole, which no child is to blame for", async () => {
    let broken = true;
    let runs = 0;
    const child = async () => {
      runs += 1;
      while (broken) await later(5);
      return { log: "done" };
    };
    const children: Child<State>[] = [{ name: "a", restart: "transient", run: child }];
    const graph = new StateGraph(State.extend({ beside: z.string().default("") }))
      .addNode("work", supervise({ name: "work", state: State, children, intensity: 0 }))
      .addNode("foreign", async () => {
        while (runs === 0) await later(5);
        if (broken) throw new Error("foreign");
        return { beside: "done" };
      })
      .addEdge(START, "work")
      .addEdge(START, "foreign")
      .compile({ checkpointer: new MemorySaver() });
    expect((await run(graph as unknown as Graph)).error).toMatchObject({ message: "foreign" });
    broken = false;
    const { error, state } = await run(graph as unknown as Graph, null);
    expect(error).toBeUndefined();
    expect(state).toMatchObject({ log: "done", beside: "done" });
  });
});

describe("the process dies", () => {
  test("between a failure and the restart: the next one restarts, and counts it once", async () => {
    const { checkpointer, nextProcess } = dyingSaver();
    const runs = { a: 0, b: 0 };
    const process = () =>
      graphOf(
        [
          {
            name: "a",
            restart: "transient",
            run: () => {
              runs.a += 1;
              if (runs.a === 1) throw oops();
              return { plan: "a" };
            },
          },
          {
            name: "b",
            restart: "transient",
            run: (_, { signal }) => {
              runs.b += 1;
              return runs.a === 1 ? untilAborted(signal) : { log: `b ${runs.b}` };
            },
          },
        ],
        { strategy: "one_for_all" },
        checkpointer,
      );
    expect((await run(process())).error).toMatchObject({ message: "the process is dead" });
    nextProcess();
    const { told, error, state } = await run(process(), null);
    expect(error).toBeUndefined();
    expect(told).toEqual(["a!", "-b", "~a&b", "+a", "+b", "a.", "b."]);
    expect(state.supervision.work?.restarts).toHaveLength(1);
    expect(state).toMatchObject({ plan: "a", log: `b ${runs.b}` });
  });

  test("a new process has no fresh intensity", async () => {
    const checkpointer = new MemorySaver();
    const stop = new AbortController();
    let runs = 0;
    const process = () =>
      graphOf(
        [
          {
            name: "a",
            restart: "transient",
            run: (_, { signal }) => {
              runs += 1;
              if (runs !== 2) throw oops();
              setTimeout(() => stop.abort(), 5);
              return untilAborted(signal);
            },
          },
        ],
        { intensity: 1, periodMs: 60_000 },
        checkpointer,
      );
    const first = await run(process(), {}, { signal: stop.signal });
    expect(first.told).toContain("~a");
    const { error } = await run(process(), null);
    expect(error).toMatchObject({ code: "restarts_spent", details: { restarts: 2 } });
    expect(runs).toBe(3);
  });

  test("a failure after the process that threw it has its cause from its record", async () => {
    const { checkpointer, nextProcess } = dyingSaver();
    const process = () =>
      graphOf([{ name: "a", run: () => Promise.reject(oops()) }], { intensity: 0 }, checkpointer);
    await run(process());
    nextProcess();
    const { error } = await run(process(), null);
    expect(error).toMatchObject({ category: "compensable", code: "restarts_spent" });
  });
});

describe("other traps", () => {
  test("what a failed child spent of the budgets stays spent", async () => {
    const spend: Child<State>["run"] = async (state, runtime) => {
      await withinBudgets(
        runtime,
        { thread: { calls: 10 } },
        async () => "answer",
        () => 5,
      );
      if (state.supervision.work?.turn === 1) throw oops();
      return {};
    };
    const inner = new StateGraph(State)
      .addNode("call", spend as never)
      .addEdge(START, "call")
      .compile();
    const { error, state } = await run(
      graphOf(
        [
          { name: "a", restart: "transient", run: inner },
          { name: "b", restart: "transient", run: spend },
        ],
        { intensity: 2 },
      ),
    );
    expect(error).toBeUndefined();
    expect(state.spent).toMatchObject({ "thread:calls": 4, "thread:tokens": 20 });
  });

  test("a plain child that goes on to a node of its own is told so, instead of ending unnoticed", async () => {
    const child = () => new Command({ goto: "next", update: { log: "half" } });
    const { error } = await run(graphOf([{ name: "a", run: child }], { intensity: 0 }));
    expect(error).toMatchObject({
      cause: { code: "goto_of_child", message: expect.stringContaining("a answered") },
    });
  });

  test("a page of HTML for a message does not fill the state", async () => {
    let runs = 0;
    const child = () => {
      runs += 1;
      if (runs === 1) throw new Fault("transient", "http_502", "<".repeat(100_000));
      return {};
    };
    const { state } = await run(graphOf([{ name: "a", restart: "transient", run: child }]));
    expect(state.supervision.work?.restarts).toHaveLength(1);
    expect(JSON.stringify(state).length).toBeLessThan(10_000);
  });

  test("Studio finds the children's graphs and can show the schema of the state", () => {
    const inner = new StateGraph(State)
      .addNode("x", () => ({}))
      .addEdge(START, "x")
      .compile();
    const graph = graphOf([{ name: "planning", run: inner }]);
    expect([...graph.getSubgraphs(undefined, true)].map(([name]) => name)).toEqual(["work", "work|planning"]);
    expect(() => z.toJSONSchema(State.extend({ childExits: exitsChannel }))).not.toThrow();
  });

  test("a bug in `when` bubbles up, and the supervisor goes on after the mend", async () => {
    let broken = true;
    const when = () => {
      if (broken) throw new TypeError("x is undefined");
      return true;
    };
    const graph = graphOf([{ name: "a", restart: "transient", when, run: () => ({ log: "done" }) }]);
    expect((await run(graph)).error).toMatchObject({ category: "unexpected", code: "bug" });
    broken = false;
    expect((await run(graph, null)).state.log).toBe("done");
  });

  test("the recursion limit is LangGraph's: eleven restarts in a row, more with a higher one", async () => {
    const graph = () => graphOf([{ name: "a", run: () => Promise.reject(oops()) }], { intensity: 30 });
    expect((await run(graph())).error).toMatchObject({ name: "GraphRecursionError" });
    expect((await run(graph(), {}, { recursionLimit: 100 })).error).toMatchObject({ code: "restarts_spent" });
  });

  test("two supervisors side by side keep their own accounts, visit for visit", async () => {
    const small = State.pick({ supervision: true, faults: true });
    const script = { left: ["fail", "done", "done"], right: ["done", "fail", "fail", "done"] };
    const work = (name: "left" | "right") =>
      supervise({
        name,
        state: small,
        intensity: 3,
        children: [
          {
            name: "a",
            restart: "transient",
            run: () => {
              if (script[name].shift() === "fail") throw oops();
              return {};
            },
          },
        ],
      });
    const graph = new StateGraph(State)
      .addNode("left", work("left"))
      .addNode("right", work("right"))
      .addEdge(START, "left")
      .addEdge(START, "right")
      .compile({ checkpointer: new MemorySaver() });
    const restarts = async () => {
      const { error, state } = await run(graph as unknown as Graph);
      expect(error).toBeUndefined();
      return [state.supervision.left?.restarts.length, state.supervision.right?.restarts.length];
    };
    expect(await restarts()).toEqual([1, 0]);
    expect(await restarts()).toEqual([0, 2]);
  });

  test("what a child spent is written with its end, stopped or failed: the next process knows of it", async () => {
    const spend: Child<State>["run"] = async ({ supervision }, runtime) => {
      const once = supervision.work?.turn === 1;
      if (once)
        await withinBudgets(
          runtime,
          {},
          async () => "answer",
          () => 1,
        );
      return once ? untilAborted(runtime.signal) : {};
    };
    const failing: Child<State>["run"] = async (state, runtime) => {
      if (state.supervision.work?.turn !== 1) return {};
      await withinBudgets(
        runtime,
        {},
        async () => "answer",
        () => 1,
      );
      throw oops();
    };
    const graph = graphOf(
      [
        { name: "b", restart: "transient", run: spend },
        { name: "a", restart: "transient", run: failing },
      ],
      { strategy: "one_for_all" },
    );
    const spent: Record<string, unknown> = {};
    const chunks = await graph.stream({}, { ...onThread(), streamMode: "updates", subgraphs: true });
    for await (const [, chunk] of chunks as AsyncIterable<[string[], Record<string, { spent?: unknown }>]>) {
      for (const [node, update] of Object.entries(chunk)) spent[node] ??= update?.spent;
    }
    const both = { "run:calls": 2, "run:tokens": 2, "thread:calls": 2, "thread:tokens": 2 };
    expect(spent).toMatchObject({ b: both, __error_handler__a: both });
  });
});
