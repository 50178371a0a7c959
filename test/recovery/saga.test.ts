/** Sagas whose steps and undos fail in every window: what happened is undone, in reverse, once. */
import { Command, MemorySaver, StateGraph } from "@langchain/langgraph";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { eventOf } from "#src/events/index.ts";
import { createSaga, type EffectLedger, memoryLedger, type SagaStep } from "#src/recovery/index.ts";
import { bubbleUp, errorRoutes, faultChannels, guarded } from "#src/routing/index.ts";
import { gate, onThread, workGraph } from "./work-graph.ts";

const id = "trip";
const crash = new Error("crash");
const description = (name: string, args = {}) => ({ saga: id, name, args, undo: "cancel" });
const names = (steps: readonly SagaStep[]) => steps.map(({ name }) => name);

/** Bookings that a step makes and "cancel" takes back; both honour keys. */
let booked: Set<string>;
let log: string[];
let ledger: EffectLedger<undefined>;
let saga: ReturnType<typeof openSaga>;
/** Names of steps whose undo fails, each with how often it does. */
let cancelFails: Record<string, number>;

beforeEach(() => {
  booked = new Set();
  log = [];
  cancelFails = {};
  ledger = memoryLedger();
  saga = openSaga(ledger);
});

/** A new process has a new saga over the same ledger. */
function openSaga(on: EffectLedger<undefined>) {
  return createSaga(on, {
    cancel: {
      run: async (step) => {
        const left = cancelFails[step.name] ?? 0;
        cancelFails[step.name] = left - 1;
        if (left > 0) throw new Error(`${step.name} cannot be cancelled`);
        log.push(`cancel ${step.name}`);
        booked.delete(step.effect);
      },
    },
    erase: {
      within: async (_tx, step) => {
        log.push(`erase ${step.name} ${JSON.stringify(step.result)}`);
      },
    },
  });
}

const book = (name: string) => async (key: string) => {
  log.push(`book ${name}`);
  booked.add(key);
  return `${name} booked`;
};

async function bookAll(...steps: string[]): Promise<void> {
  for (const name of steps) await saga.step({}, description(name), book(name));
}

async function undoAll(): Promise<string[]> {
  const undone: string[] = [];
  for (let step = await saga.undoNext({}, id); step !== undefined; step = await saga.undoNext({}, id)) {
    undone.push(step.name);
  }
  return undone;
}

/** A ledger that loses its connection once, when `method` is called. */
function breakingAt(method: "claim" | "record" | "settle"): EffectLedger<undefined> {
  let broken = true;
  const failing =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      if (!broken) return call(...args);
      broken = false;
      throw crash;
    };
  return { ...ledger, [method]: failing(ledger[method] as (...args: unknown[]) => Promise<unknown>) };
}

describe("undo", () => {
  test("takes back every step once, the last one first", async () => {
    await bookAll("flight", "hotel", "car");
    expect(await undoAll()).toEqual(["car", "hotel", "flight"]);
    expect(log.slice(3)).toEqual(["cancel car", "cancel hotel", "cancel flight"]);
    expect(booked.size).toBe(0);
    expect(await saga.undoNext({}, id)).toBeUndefined();
  });

  test("of a saga that never was does nothing", async () => {
    expect(await saga.undoNext({}, "another")).toBeUndefined();
    expect(await saga.report("another")).toEqual({ standing: [], undone: [], stuck: [] });
  });

  test("skips a step that was registered and never begun", async () => {
    await bookAll("flight");
    saga = openSaga(breakingAt("claim"));
    await expect(bookAll("hotel")).rejects.toThrow("crash");
    expect(names((await saga.report(id)).standing)).toEqual(["flight"]);
    expect(await undoAll()).toEqual(["flight"]);
    expect(log).toEqual(["book flight", "cancel flight"]);
    expect(names((await saga.report(id)).undone)).toEqual(["flight"]);
  });

  test("takes back a step that happened and whose answer was lost", async () => {
    await bookAll("flight");
    saga = openSaga(breakingAt("record"));
    await expect(bookAll("hotel")).rejects.toThrow("crash");
    expect(booked.size).toBe(2);
    expect(await saga.report(id)).toMatchObject({
      standing: [
        { name: "flight", outcome: "done" },
        { name: "hotel", outcome: "unknown", result: null },
      ],
    });
    expect(await undoAll()).toEqual(["hotel", "flight"]);
    expect(booked.size).toBe(0);
  });

  test.each(["record", "settle"] as const)(
    "cut short before the %s is finished, not done twice",
    async (at) => {
      await bookAll("flight", "hotel");
      saga = openSaga(breakingAt(at));
      await expect(saga.undoNext({}, id)).rejects.toThrow("crash");
      expect(names((await saga.report(id)).standing)).toEqual(["flight", "hotel"]);
      saga = openSaga(ledger);
      expect(await undoAll()).toEqual(["hotel", "flight"]);
      // Before the record the outcome is not known, and the same key is used again; after it, nothing is.
      const cancels = log.filter((line) => line === "cancel hotel");
      expect(cancels).toHaveLength(at === "record" ? 2 : 1);
      expect(booked.size).toBe(0);
    },
  );

  test("that fails leaves its step standing with the reason, and succeeds later", async () => {
    await bookAll("flight", "hotel");
    cancelFails = { hotel: 2 };
    for (let n = 0; n < 2; n++) {
      await expect(saga.undoNext({}, id)).rejects.toThrow("hotel cannot be cancelled");
      expect(await saga.report(id)).toMatchObject({
        standing: [{ name: "flight" }, { name: "hotel", problem: "hotel cannot be cancelled" }],
        undone: [],
      });
    }
    expect(await undoAll()).toEqual(["hotel", "flight"]);
    const { undone } = await saga.report(id);
    expect(undone.map(({ problem }) => problem)).toEqual([undefined, undefined]);
  });

  test("waits for a step that a timed-out body still makes, so that it cannot happen after its undo", async () => {
    const slow = gate();
    const step = saga.step({}, description("flight"), async (key) => {
      await slow.passed;
      return book("flight")(key);
    });
    const undone = saga.undoNext({}, id);
    setImmediate(slow.open);
    expect((await undone)?.outcome).toBe("done");
    await step;
    expect(log).toEqual(["book flight", "cancel flight"]);
    expect(booked.size).toBe(0);
  });

  test("within the ledger's transaction gets the result, and nothing when the step left no trace", async () => {
    const within = (name: string) => ({ ...description(name), undo: "erase" });
    await saga.stepWithin({}, within("record"), async () => ({ rows: 2 }));
    const failing = saga.stepWithin({}, within("other record"), async () => {
      throw crash;
    });
    await expect(failing).rejects.toThrow("crash");
    expect(await undoAll()).toEqual(["record"]);
    expect(log).toEqual(['erase record {"rows":2}']);
  });
});

describe("a step that cannot be undone", () => {
  test("is left to people, the rest is undone, and the report names each step once", async () => {
    await bookAll("flight", "hotel", "car");
    cancelFails = { hotel: 9 };
    expect((await saga.undoNext({}, id))?.name).toBe("car");
    await expect(saga.undoNext({}, id)).rejects.toThrow();
    await saga.leaveStuck({}, id, "the hotel has burnt down");
    expect(await undoAll()).toEqual(["flight"]);
    const report = await saga.report(id);
    expect(names(report.standing)).toEqual([]);
    expect(names(report.undone)).toEqual(["flight", "car"]);
    expect(report.stuck).toMatchObject([
      { name: "hotel", problem: "the hotel has burnt down", args: {}, result: "hotel booked" },
    ]);
  });

  test("does not take the next step with it when the node that left it runs again", async () => {
    await bookAll("flight", "hotel");
    cancelFails = { hotel: 9 };
    await expect(saga.undoNext({}, id)).rejects.toThrow();
    await saga.leaveStuck({}, id, "gone");
    await saga.leaveStuck({}, id, "gone");
    const report = await saga.report(id);
    expect(names(report.stuck)).toEqual(["hotel"]);
    expect(names(report.standing)).toEqual(["flight"]);
  });
});

describe("a step", () => {
  test("whose undo is not in the table is refused before it runs", async () => {
    for (const undo of ["refund", "toString"]) {
      const step = saga.step({}, { ...description("flight"), undo }, book("flight"));
      await expect(step).rejects.toMatchObject({ name: "Fault:unexpected:no_undo" });
    }
    expect(log).toEqual([]);
  });

  test("that was taken back is not given out as done", async () => {
    await bookAll("flight");
    await undoAll();
    await expect(bookAll("flight")).rejects.toMatchObject({
      name: "Fault:unexpected:step_settled",
      message: expect.stringContaining("is undone"),
    });
    expect(log).toEqual(["book flight", "cancel flight"]);
  });

  test("that was never begun is undone with the arguments of the run that made it", async () => {
    saga = openSaga(breakingAt("claim"));
    const stale = saga.step({}, description("flight", { seats: 1 }), book("flight"));
    await expect(stale).rejects.toThrow("crash");
    await saga.step({}, description("flight", { seats: 2 }), book("flight"));
    expect((await saga.report(id)).standing).toMatchObject([{ args: { seats: 2 } }]);
  });

  test("is not registered by an aborted body", async () => {
    const runtime = { signal: AbortSignal.abort(new Error("stopped")) };
    await expect(saga.step(runtime, description("flight"), book("flight"))).rejects.toThrow("stopped");
    expect(await ledger.steps(id)).toEqual([]);
    expect(log).toEqual([]);
  });
});

describe("on a graph", () => {
  async function eventsOf(graph: ReturnType<typeof workGraph>): Promise<string[]> {
    const events: string[] = [];
    for await (const chunk of await graph.stream({}, { ...onThread(), streamMode: "custom" })) {
      const event = eventOf(chunk);
      if (event !== undefined && "step" in event) events.push(`${event.type} ${event.node} ${event.step}`);
    }
    return events;
  }

  test("a step is told done once, over retries of its node", async () => {
    let runs = 0;
    const graph = workGraph(async (runtime) => {
      await saga.step(runtime, description("flight"), book("flight"));
      runs += 1;
      if (runs < 3) throw crash;
    });
    expect(await eventsOf(graph)).toEqual(["step_done work flight"]);
    expect(log).toEqual(["book flight"]);
  });

  test("a step that a timed-out body finished is told by the retry that joined it", async () => {
    const slow = gate();
    let runs = 0;
    const graph = workGraph(
      async (runtime) => {
        runs += 1;
        if (runs === 2) setTimeout(slow.open, 5);
        await saga.step(runtime, description("flight"), async (key) => {
          await slow.passed;
          return book("flight")(key);
        });
      },
      { timeout: 100 },
    );
    expect(await eventsOf(graph)).toEqual(["step_done work flight"]);
    expect(log).toEqual(["book flight"]);
  });

  test("of an aborted body and the attempt that joined it, only the latter tells", async () => {
    const told: string[] = [];
    const stop = new AbortController();
    const [begun, slow] = [gate(), gate()];
    const run = async (key: string) => {
      begun.open();
      await slow.passed;
      return book("flight")(key);
    };
    const attempt = (name: string, signal?: AbortSignal) =>
      saga.step({ signal, writer: () => told.push(name) }, description("flight"), run);
    const zombie = attempt("zombie", stop.signal);
    const retry = attempt("retry");
    await begun.passed;
    stop.abort();
    setImmediate(slow.open);
    await Promise.all([zombie, retry]);
    expect(told).toEqual(["retry"]);
  });

  test("steps are not made again by a new visit of their node, after a bug bubbled up and was mended", async () => {
    const State = z.object({ ...faultChannels });
    const routed = errorRoutes({ unexpected: "bubble_up" });
    const tasks = new Set<string | undefined>();
    let bug = true;
    const graph = new StateGraph(State)
      .addNode(
        "trip",
        guarded<z.infer<typeof State>, Parameters<ReturnType<typeof bubbleUp>>[1], object>(
          async (_, runtime) => {
            tasks.add(runtime.executionInfo?.taskId);
            await saga.step(runtime, description("flight"), book("flight"));
            if (bug) throw new TypeError("undefined is not a hotel");
            await saga.step(runtime, description("hotel"), book("hotel"));
            return {};
          },
        ),
        routed(),
      )
      .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["trip"] })
      .addEdge("__start__", "trip")
      .compile({ checkpointer: new MemorySaver() });
    await expect(graph.invoke({}, onThread())).rejects.toThrow("undefined is not a hotel");
    bug = false;
    await graph.invoke(null, onThread());
    expect(tasks.size).toBe(2);
    expect(log).toEqual(["book flight", "book hotel"]);
  });

  test("undone one step a superstep, a crash between two supersteps repeats nothing", async () => {
    await bookAll("flight", "hotel", "car");
    let crashes = 1;
    const State = z.object({ undone: z.array(z.string()).default([]) });
    const graph = new StateGraph(State)
      .addNode(
        "compensate",
        async (state, runtime) => {
          const step = await saga.undoNext(runtime, id);
          if (step?.name === "hotel" && crashes-- > 0) throw crash;
          if (step === undefined) return new Command({ goto: "__end__" });
          return new Command({ goto: "compensate", update: { undone: [...state.undone, step.name] } });
        },
        { ends: ["compensate", "__end__"] },
      )
      .addEdge("__start__", "compensate")
      .compile({ checkpointer: new MemorySaver() });
    await expect(graph.invoke({}, onThread())).rejects.toThrow("crash");
    await graph.invoke(null, onThread());
    expect(log.slice(3)).toEqual(["cancel car", "cancel hotel", "cancel flight"]);
    expect(names((await saga.report(id)).undone)).toEqual(["flight", "hotel", "car"]);
  });
});
