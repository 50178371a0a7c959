/** Traps of state and checkpoints: what is merged, what is refused, what comes back other than it went in. */
import { START, StateGraph } from "@langchain/langgraph";
import { registry } from "@langchain/langgraph/zod";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Fault, type FaultRecord } from "#src/faults/index.ts";
import { faultChannels, guarded } from "#src/routing/index.ts";
import {
  asNode,
  failure,
  type State as GraphState,
  onThread,
  routed,
  State,
  saver,
  throws,
  workOnly,
} from "./graphs.ts";

describe("zod's describe() after register() makes a new schema, without the reducer", () => {
  const list = z.array(z.string());
  const reducer = { reducer: { fn: (a: string[], b: string[]) => [...a, ...b] } };

  test("bare: the described schema is not in the registry", () => {
    const registered = list.register(registry, reducer);
    expect(registry.has(registered as never)).toBe(true);
    expect(registry.has(registered.describe("a list") as never)).toBe(false);
  });

  test.each(Object.entries(faultChannels))("faultChannels.%s has both", (_, channel) => {
    expect(registry.has(channel as never)).toBe(true);
    expect(channel.description).toMatch(/\w/);
  });
});

describe("a handler's update that state refuses ends the thread, as a handler that throws does", () => {
  test("bare: after the mend nothing runs again", async () => {
    let broken = true;
    const graph = new StateGraph(State)
      .addNode(
        "work",
        () => {
          if (broken) throw new Error("boom");
          return { done: ["work"] };
        },
        { errorHandler: () => ({ log: 5 as never }) },
      )
      .addEdge(START, "work")
      .compile({ checkpointer: saver() });
    await failure(graph.invoke({}, onThread()));
    broken = false;
    await failure(graph.invoke(null, onThread()));
    expect((await graph.getState(onThread())).values).not.toMatchObject({ done: ["work"] });
  });

  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  test.each([
    ["a Date", { when: new Date(0) }, { when: "1970-01-01T00:00:00.000Z" }],
    ["undefined", { order: undefined }, {}],
    ["a bigint", { cents: 10n }, { cents: "10" }],
    ["NaN", { cents: Number.NaN }, { cents: null }],
    ["a function", { retry: () => {} }, {}],
    ["a loop", loop, undefined],
  ])("routed: details with %s are made plain, and the fault is routed", async (_, details, plain) => {
    const fault = new Fault("compensable", "odd", "odd", { details: details as never });
    const end = (await workOnly(throws(fault)).compile().invoke({})) as GraphState;
    expect(end.log).toBe("compensated");
    expect(end.faults[0]?.details).toEqual(plain);
  });
});

describe("B15: a list that graph and subgraph share is merged with itself", () => {
  const Lists = z.object({
    list: z
      .array(z.string())
      .default(() => [])
      .register(registry, {
        reducer: { fn: (a: string[], b: string[]) => [...a, ...b] },
        default: () => [],
      }),
  });

  test("bare: what stood in it before stands in it twice", async () => {
    const inner = new StateGraph(Lists)
      .addNode("inside", () => ({ list: ["inside"] }))
      .addEdge(START, "inside")
      .compile();
    const graph = new StateGraph(Lists)
      .addNode("before", () => ({ list: ["before"] }))
      .addNode("inner", inner as never)
      .addEdge(START, "before")
      .addEdge("before", "inner")
      .compile();
    expect((await graph.invoke({})).list).toEqual(["before", "before", "inside"]);
  });

  test("routed: faults and counts of both levels stand there once", async () => {
    const flaky = () => {
      let runs = 0;
      return () => {
        runs += 1;
        if (runs === 1) throw new Fault("transient", "http_503", "down");
        return {};
      };
    };
    const inner = workOnly(flaky()).compile();
    const graph = workOnly(() => ({}))
      .addNode("before", guarded(flaky()), routed())
      .addNode("inner", asNode(inner))
      .addEdge(START, "before")
      .addEdge("before", "inner")
      .compile();
    const end = (await graph.invoke({})) as GraphState;
    expect(end.faults.map(({ node }) => node)).toEqual(["before", "work"]);
    expect(end.rounds).toEqual({ "before:retries": 1, "work:retries": 1 });
  });
});

test("B16: a checkpoint gives other values back than the run had; a fault's record comes back as it was", async () => {
  const checkpointer = saver();
  const Loose = z.object({ at: z.any() });
  const bare = new StateGraph(Loose)
    .addNode("work", () => ({ at: new Date(0) }))
    .addEdge(START, "work")
    .compile({ checkpointer });
  expect((await bare.invoke({}, onThread("bare"))).at).toBeInstanceOf(Date);
  expect((await bare.getState(onThread("bare"))).values.at).toBe("1970-01-01T00:00:00.000Z");

  const fault = new Fault("compensable", "odd", "odd", { details: { when: new Date(0) } as never });
  const graph = () => workOnly(throws(fault)).compile({ checkpointer });
  const live = (await graph().invoke({}, onThread())) as GraphState;
  const reloaded = (await graph().getState(onThread())).values as GraphState;
  expect(reloaded.faults).toEqual(live.faults);
});

describe("B17: a list in state is written whole at each superstep", () => {
  const record = (n: number, more: Partial<FaultRecord> = {}): FaultRecord => ({
    id: `${n}`,
    node: "work",
    category: "transient",
    code: "http_503",
    message: "down",
    attempts: 1,
    route: "retried",
    ...more,
  });
  const merged = async (records: FaultRecord[]) => {
    const graph = new StateGraph(State)
      .addNode("work", () => ({ faults: records }))
      .addEdge(START, "work")
      .compile();
    return ((await graph.invoke({})) as GraphState).faults;
  };

  test("so a thread keeps its last 100 faults", async () => {
    const kept = await merged(Array.from({ length: 250 }, (_, n) => record(n)));
    expect(kept.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, n) => `${n + 150}`));
  });

  test("but not at the price of one that somebody still has to deal with", async () => {
    const open = record(0, { route: "bubble_up", category: "unexpected" });
    const kept = await merged([open, ...Array.from({ length: 150 }, (_, n) => record(n + 1))]);
    expect(kept[0]).toEqual(open);
    expect(kept).toHaveLength(100);
    const wide = Array.from({ length: 300 }, (_, n) => record(n, { route: "bubble_up" }));
    expect(await merged(wide)).toHaveLength(300);
  });
});
