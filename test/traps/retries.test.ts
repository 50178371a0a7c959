/** Traps of LangGraph's retries and timeouts. Its own waits are real ones, so "bare" tests keep them to milliseconds. */
import { RunControl, START, StateGraph, task } from "@langchain/langgraph";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Fault } from "#src/faults/index.ts";
import { effects, memoryLedger } from "#src/recovery/index.ts";
import { guarded } from "#src/routing/index.ts";
import {
  asNode,
  failure,
  type State as GraphState,
  graphOf,
  onThread,
  routed,
  State,
  saver,
  throws,
  workOnly,
} from "./graphs.ts";

const fakeClock = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** What the default retryOn makes of an error: how often the node runs. */
async function bareRuns(error: unknown): Promise<number> {
  let runs = 0;
  const graph = new StateGraph(State)
    .addNode(
      "work",
      () => {
        runs += 1;
        throw error;
      },
      { retryPolicy: { initialInterval: 0, jitter: false, logWarning: false } },
    )
    .addEdge(START, "work")
    .compile();
  await failure(graph.invoke({}));
  return runs;
}

async function routedRuns(error: unknown): Promise<number> {
  let runs = 0;
  const work = () => {
    runs += 1;
    throw error;
  };
  await failure(workOnly(work).compile().invoke({}));
  return runs;
}

const withStatus = (status: number) => Object.assign(new Error(`HTTP ${status}`), { status });

describe("P8: LangGraph retries bugs and refusals, and lets a lost connection be", () => {
  test.each([
    ["a bug", new TypeError("x is undefined"), 3, 1],
    ["a 422", withStatus(422), 3, 1],
    ["a 503", withStatus(503), 3, 3],
    ["a 400", withStatus(400), 1, 1],
    ["ECONNABORTED", Object.assign(new Error("gone"), { code: "ECONNABORTED" }), 1, 3],
  ])("%s", async (_, error, bare, routed) => {
    expect(await bareRuns(error)).toBe(bare);
    expect(await routedRuns(error)).toBe(routed);
  });
});

describe("P9, P11: jitter goes beyond the cap, and nobody reads Retry-After", () => {
  test("bare: a wait that may be 2 ms takes up to a second more", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    fakeClock();
    const retryPolicy = { initialInterval: 1, maxInterval: 2, maxAttempts: 2, logWarning: false };
    const graph = new StateGraph(State)
      .addNode("work", throws(new Fault("transient", "http_429", "slow", { retryAfterMs: 5_000 })), {
        retryPolicy,
      })
      .addEdge(START, "work")
      .compile();
    const started = Date.now();
    const running = failure(graph.invoke({}));
    await vi.runAllTimersAsync();
    await running;
    expect(Date.now() - started).toBe(1_000);
  });

  test.each([
    ["without Retry-After never beyond the cap", undefined, 0, 300],
    ["at least as long as Retry-After, and never beyond the cap", 2_000, 2_000, 2_050],
  ])("routed: waits %s", async (_, retryAfterMs, least, most) => {
    fakeClock();
    const starts: number[] = [];
    const graph = workOnly(
      () => {
        starts.push(Date.now());
        throw new Fault("transient", "http_429", "slow", retryAfterMs === undefined ? {} : { retryAfterMs });
      },
      { attempts: 6, baseMs: 100, capMs: retryAfterMs === undefined ? 300 : 2_050 },
    ).compile();
    const running = graph.invoke({});
    await vi.runAllTimersAsync();
    await running;
    const waits = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
    expect(waits).toHaveLength(5);
    // One ms each for LangGraph's own sleep of 0 ms and for the wait's rounding to whole ms.
    for (const ms of waits) expect(ms).toBeGreaterThanOrEqual(least);
    for (const ms of waits) expect(ms).toBeLessThanOrEqual(most + 2);
  });

  test("routed: decorrelated jitter goes on from the wait before", async () => {
    fakeClock();
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const starts: number[] = [];
    const graph = workOnly(
      () => {
        starts.push(Date.now());
        throw new Fault("transient", "http_503", "down");
      },
      { attempts: 5, baseMs: 100, capMs: 700, jitter: "decorrelated" },
    ).compile();
    const running = graph.invoke({});
    await vi.runAllTimersAsync();
    await running;
    // Half way from the base to three times the last wait, then the cap: 100 → 200 → 350 → 575 → 700.
    const waits = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
    expect(waits.map((ms) => Math.round(ms / 10) * 10)).toEqual([200, 350, 580, 700]);
  });

  test("routed: a Retry-After beyond the cap ends the retries at once", async () => {
    expect(
      await routedRuns(
        new Fault("transient", "http_429", "come back tomorrow", { retryAfterMs: 86_400_000 }),
      ),
    ).toBe(1);
  });
});

describe("P10, B11: a wait that nobody can end", () => {
  const down = () => new Fault("transient", "http_503", "down", { retryAfterMs: 9_000 });

  test("bare: a sibling's failure reaches the caller only after another's backoff", async () => {
    fakeClock();
    const retryPolicy = { initialInterval: 9_000, jitter: false, logWarning: false };
    const graph = new StateGraph(State)
      .addNode("work", throws(down()), { retryPolicy })
      .addNode("foreign", throws(new Error("foreign")))
      .addEdge(START, "work")
      .addEdge(START, "foreign")
      .compile();
    const started = Date.now();
    const running = failure(graph.invoke({}));
    await vi.runAllTimersAsync();
    expect(await running).toMatchObject({ message: "foreign" });
    expect(Date.now() - started).toBe(9_000);
  });

  test("routed: it reaches the caller at once, and the waiting node has not failed", async () => {
    fakeClock();
    let broken = true;
    const graph = workOnly(
      () => {
        if (broken) throw down();
        return { done: ["work"] };
      },
      { capMs: 10_000 },
    )
      .addNode("foreign", async () => {
        if (!broken) return {};
        await new Promise((resolve) => setTimeout(resolve, 50));
        throw new Error("foreign");
      })
      .addEdge(START, "foreign")
      .compile({ checkpointer: saver() });
    const started = Date.now();
    const running = failure(graph.invoke({}, onThread()));
    await vi.runAllTimersAsync();
    expect(await running).toMatchObject({ message: "foreign" });
    expect(Date.now() - started).toBeLessThan(200);
    broken = false;
    const resumed = graph.invoke(null, onThread());
    await vi.runAllTimersAsync();
    expect(await resumed).toMatchObject({ done: ["work"], faults: [] });
  });

  test("routed: an abort ends the wait at once and is no fault", async () => {
    fakeClock();
    const stop = new AbortController();
    let broken = true;
    const graph = workOnly(
      () => {
        if (broken) throw down();
        return { done: ["work"] };
      },
      { capMs: 10_000 },
    ).compile({ checkpointer: saver() });
    const running = failure(graph.invoke({}, { ...onThread(), signal: stop.signal }));
    await vi.advanceTimersByTimeAsync(1_000);
    stop.abort(new Error("stopped by a person"));
    await vi.advanceTimersByTimeAsync(0);
    expect(await running).toBeInstanceOf(Error);
    expect(vi.getTimerCount()).toBe(0);
    broken = false;
    const resumed = graph.invoke(null, onThread());
    await vi.runAllTimersAsync();
    expect(await resumed).toMatchObject({ done: ["work"], faults: [] });
  });
});

test("one RunControl for a run and its resume: the attempts of the first are not the second's", async () => {
  fakeClock();
  const [stop, control] = [new AbortController(), new RunControl()];
  let runs = 0;
  const graph = workOnly(
    () => {
      runs += 1;
      if (runs < 3) throw new Fault("transient", "http_503", `down ${runs}`, { retryAfterMs: 1_000 });
      return { done: ["work"] };
    },
    { capMs: 2_000 },
  ).compile({ checkpointer: saver() });
  const running = failure(graph.invoke({}, { ...onThread(), control, signal: stop.signal }));
  await vi.advanceTimersByTimeAsync(500);
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  await running;
  const resumed = graph.invoke(null, { ...onThread(), control });
  await vi.runAllTimersAsync();
  const { faults } = (await resumed) as GraphState;
  expect(faults.map(({ message }) => message)).toEqual(["down 2"]);
});

describe("B12, P12: what is no Error, or frozen, is replaced by a TypeError and lost", () => {
  const odd = [
    ["a string", "just words", "just words"],
    ["undefined", undefined, "undefined was thrown"],
    ["an object", { status: 503 }, 'an object was thrown: {"status":503}'],
    ["a frozen error", Object.freeze(new Error("ice")), "ice"],
    ["a frozen fault", Object.freeze(new Fault("compensable", "ice", "ice")), "ice"],
  ] as const;

  test("bare: the caller sees what LangGraph stumbled over", async () => {
    const graph = new StateGraph(State)
      .addNode("work", throws("just words"))
      .addEdge(START, "work")
      .compile();
    expect(await failure(graph.invoke({}))).toMatchObject({ name: "TypeError" });
  });

  test.each(odd)("routed: %s is recorded as it was", async (_, thrown, message) => {
    const graph = workOnly(throws(thrown)).compile({ checkpointer: saver() });
    await failure(graph.invoke({}, onThread()));
    const { faults } = (await graph.getState(onThread())).values as GraphState;
    expect(faults.at(-1)).toMatchObject({ message });
  });
});

describe("P16: each resume gets a fresh retry budget", () => {
  test("bare: three runs of a node that may try three times are nine attempts", async () => {
    let runs = 0;
    const graph = new StateGraph(State)
      .addNode(
        "work",
        () => {
          runs += 1;
          throw withStatus(503);
        },
        { retryPolicy: { initialInterval: 0, jitter: false, logWarning: false } },
      )
      .addEdge(START, "work")
      .compile({ checkpointer: saver() });
    await failure(graph.invoke({}, onThread()));
    await failure(graph.invoke(null, onThread()));
    await failure(graph.invoke(null, onThread()));
    expect(runs).toBe(9);
  });

  test("routed: the thread's budget holds over resumes, then each of them is one attempt", async () => {
    const runs: number[] = [];
    let inThisRun = 0;
    const graph = workOnly(
      () => {
        inThisRun += 1;
        throw withStatus(503);
      },
      { attempts: 3, retryBudget: 5, compensable: "bubble_up" },
    ).compile({ checkpointer: saver() });
    for (const input of [{}, null, null, null, null]) {
      inThisRun = 0;
      await failure(graph.invoke(input, onThread()));
      runs.push(inThisRun);
    }
    expect(runs).toEqual([3, 3, 2, 1, 1]);
  });
});

describe("P18: a timed-out body goes on, and what it does happens beside its retry", () => {
  beforeEach(fakeClock);

  test("bare: two attempts, two effects", async () => {
    let effectsMade = 0;
    const graph = new StateGraph(State)
      .addNode(
        "work",
        async () => {
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          effectsMade += 1;
          return {};
        },
        {
          timeout: 300,
          retryPolicy: { maxAttempts: 2, initialInterval: 0, jitter: false, logWarning: false },
        },
      )
      .addEdge(START, "work")
      .compile();
    const running = failure(graph.invoke({}));
    await vi.runAllTimersAsync();
    await running;
    expect(effectsMade).toBe(2);
  });

  test("routed, with the ledger: the retry waits for the first body's effect, and takes its result", async () => {
    let effectsMade = 0;
    const once = effects(memoryLedger()).once;
    const graph = workOnly(
      async (_, runtime) => {
        await once(runtime, "charge", null, async () => {
          await new Promise((resolve) => setTimeout(resolve, 400));
          effectsMade += 1;
          return "charged";
        });
        return { done: ["work"] };
      },
      { timeoutMs: 300, attempts: 3 },
    ).compile({ checkpointer: saver() });
    const running = graph.invoke({}, onThread());
    await vi.runAllTimersAsync();
    expect((await running).done).toEqual(["work"]);
    expect(effectsMade).toBe(1);
  });

  test("routed: what a timed-out body throws in the end is no attempt of the node's", async () => {
    const graph = workOnly(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 450));
        throw new Error("late");
      },
      { timeoutMs: 300, attempts: 3 },
    ).compile();
    const running = graph.invoke({});
    await vi.runAllTimersAsync();
    const { faults } = (await running) as GraphState;
    expect(faults.map(({ code, attempts, route }) => ({ code, attempts, route }))).toEqual([
      { code: "node_timeout", attempts: 1, route: "retried" },
      { code: "node_timeout", attempts: 2, route: "retried" },
      { code: "node_timeout", attempts: 3, route: "compensate" },
    ]);
  });

  test("routed: attempts that timed out come out of the thread's budget", async () => {
    let runs = 0;
    const graph = workOnly(
      async () => {
        runs += 1;
        await new Promise((resolve) => setTimeout(resolve, 10_000));
        return {};
      },
      { timeoutMs: 300, attempts: 6, retryBudget: 2 },
    ).compile();
    const running = graph.invoke({});
    await vi.runAllTimersAsync();
    const end = (await running) as GraphState;
    expect(runs).toBe(3);
    expect(end.faults.at(-1)).toMatchObject({ code: "retry_budget_spent", route: "compensate" });
  });

  test("routed: a wait does not eat the attempt's time", async () => {
    let runs = 0;
    const graph = workOnly(
      async () => {
        runs += 1;
        if (runs === 1) throw new Fault("transient", "http_429", "slow", { retryAfterMs: 3_000 });
        await new Promise((resolve) => setTimeout(resolve, 250));
        return { done: ["work"] };
      },
      { timeoutMs: 300, capMs: 5_000 },
    ).compile();
    const running = graph.invoke({});
    await vi.runAllTimersAsync();
    const end = (await running) as GraphState;
    expect(end.done).toEqual(["work"]);
    expect(end.faults.map(({ code }) => code)).toEqual(["http_429"]);
  });
});

describe("B5: a retry makes a finished task() again", () => {
  test("bare: three attempts, three payments", async () => {
    let payments = 0;
    const pay = task({ name: "pay" }, async () => {
      payments += 1;
    });
    const graph = new StateGraph(State)
      .addNode(
        "work",
        async () => {
          await pay();
          throw withStatus(503);
        },
        { retryPolicy: { initialInterval: 0, jitter: false, logWarning: false } },
      )
      .addEdge(START, "work")
      .compile({ checkpointer: saver() });
    await failure(graph.invoke({}, onThread()));
    expect(payments).toBe(3);
  });

  test("routed, with the ledger: one payment over retries and resumes", async () => {
    let payments = 0;
    const { once } = effects(memoryLedger());
    const graph = workOnly(
      async (_, runtime) => {
        await once(runtime, "pay", null, async () => {
          payments += 1;
        });
        throw withStatus(503);
      },
      { compensable: "bubble_up" },
    ).compile({ checkpointer: saver() });
    await failure(graph.invoke({}, onThread()));
    expect(payments).toBe(1);
  });
});

describe("P15: a retry on a subgraph node begins the subgraph anew", () => {
  const runs = { first: 0, second: 0 };
  beforeEach(() => Object.assign(runs, { first: 0, second: 0 }));
  const first = () => {
    runs.first += 1;
    return {};
  };
  const second = () => {
    runs.second += 1;
    if (runs.second < 3) throw withStatus(503);
    return {};
  };

  test("bare: what was finished inside runs again on each attempt", async () => {
    const inner = new StateGraph(State)
      .addNode("first", first)
      .addNode("second", second)
      .addEdge(START, "first")
      .addEdge("first", "second")
      .compile();
    const graph = new StateGraph(State)
      .addNode("inner", asNode(inner), {
        retryPolicy: { initialInterval: 0, jitter: false, logWarning: false },
      })
      .addEdge(START, "inner")
      .compile({ checkpointer: saver() });
    await graph.invoke({}, onThread());
    expect(runs).toEqual({ first: 3, second: 3 });
  });

  test("routed: routes stand on the inner nodes, and only the failed one runs again", async () => {
    const inner = graphOf(second)
      .addNode("first", guarded(first), routed())
      .addEdge(START, "first")
      .addEdge("first", "work")
      .compile();
    const graph = new StateGraph(State)
      .addNode("inner", asNode(inner))
      .addEdge(START, "inner")
      .compile({ checkpointer: saver() });
    await graph.invoke({}, onThread());
    expect(runs).toEqual({ first: 1, second: 3 });
  });
});
