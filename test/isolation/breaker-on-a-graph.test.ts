import { END, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { eventOf, type FaultlineEvent } from "#src/events/index.ts";
import { Fault } from "#src/faults/index.ts";
import { breaker, bulkhead } from "#src/isolation/index.ts";
import { bubbleUp, errorRoutes, faultChannels, guarded, type NodeRuntime } from "#src/routing/index.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const State = z.object({ log: z.string().default(""), ...faultChannels });

const routed = errorRoutes({ compensable: "degraded", unexpected: "bubble_up", baseMs: 1, capMs: 60_000 });

/** work, and the route that the graph takes without the service. */
function graphWith(work: (runtime: NodeRuntime) => Promise<string>) {
  return new StateGraph(State)
    .addNode(
      "work",
      guarded(async (_, runtime) => ({ log: await work(runtime) })),
      routed({ timeoutMs: 1_000 }),
    )
    .addNode(
      "degraded",
      guarded(() => ({ log: "parked for later" })),
      routed({ compensable: "bubble_up" }),
    )
    .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["work"] })
    .addEdge(START, "work")
    .addEdge("work", END)
    .addEdge("degraded", END)
    .compile({ checkpointer: new MemorySaver() });
}

async function run(graph: ReturnType<typeof graphWith>, thread: string) {
  const config = { configurable: { thread_id: thread } };
  const events: FaultlineEvent[] = [];
  for await (const chunk of await graph.stream({}, { ...config, streamMode: "custom" })) {
    const event = eventOf(chunk);
    if (event) events.push(event);
  }
  const { values } = await graph.getState(config);
  return { values, types: events.map(({ type }) => type) };
}

describe("an open breaker", () => {
  test("costs no retry: the call goes straight to the degraded route, and the thread's budget is whole", async () => {
    const endpoint = breaker("the endpoint", { after: 2, openMs: 30_000 });
    let calls = 0;
    const graph = graphWith((runtime) =>
      endpoint.run(runtime, async () => {
        calls += 1;
        throw new Fault("transient", "http_503", "down");
      }),
    );
    const [first] = await Promise.all([run(graph, "first"), vi.advanceTimersByTimeAsync(1_000)]);
    expect(calls).toBe(2);
    expect(first.types).toEqual([
      "attempt_failed",
      "waiting",
      "breaker_opened",
      "attempt_failed",
      "waiting",
      "call_refused",
      "attempt_failed",
      "routed",
    ]);
    const [second] = await Promise.all([run(graph, "second"), vi.advanceTimersByTimeAsync(1_000)]);
    expect(calls).toBe(2);
    expect(second.types).toEqual(["call_refused", "attempt_failed", "routed"]);
    expect(second.values.log).toBe("parked for later");
    expect(second.values.rounds).toEqual({ "work:compensable": 1 });
    expect(second.values.faults).toMatchObject([
      { code: "circuit_open", route: "degraded", details: { breaker: "the endpoint", state: "open" } },
    ]);
  });
});

describe("a bulkhead", () => {
  test("makes a node wait for longer than its timeout, which counts the call's own time only", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 5 });
    let end = (_: string) => {};
    const long = slots.run({ runtime: {} }, () => new Promise<string>((resolve) => (end = resolve)));
    const graph = graphWith((runtime) => slots.run({ runtime }, async () => "done"));
    const running = run(graph, "t");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(slots.waiting).toBe(1);
    end("at last");
    await long;
    const [{ values, types }] = await Promise.all([running, vi.advanceTimersByTimeAsync(100)]);
    expect(values.log).toBe("done");
    expect(types).toEqual([]);
  });

  test("that is full has the node come back when it should have moved on", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 0 });
    let end = (_: string) => {};
    const long = slots.run({ runtime: {} }, () => new Promise<string>((resolve) => (end = resolve)));
    const graph = graphWith((runtime) => slots.run({ runtime }, async () => "done"));
    const running = run(graph, "t");
    await vi.advanceTimersByTimeAsync(900);
    end("done");
    await long;
    const [{ values, types }] = await Promise.all([running, vi.advanceTimersByTimeAsync(1_000)]);
    expect(values.log).toBe("done");
    expect(types).toEqual(["call_refused", "attempt_failed", "waiting"]);
  });
});
