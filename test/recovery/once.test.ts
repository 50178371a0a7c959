/** `once` in a node of a real graph: whatever ends a run, the effect happens once. */
import { Command, interrupt } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { type EffectLedger, type EffectRuntime, effects, memoryLedger } from "#src/recovery/index.ts";
import { gate, onThread, otherSide, workGraph } from "./work-graph.ts";

const crash = new Error("crash");

describe("an effect is not made again", () => {
  test("by a retry of its node", async () => {
    const { once } = effects(memoryLedger());
    const side = otherSide();
    let runs = 0;
    const graph = workGraph(async (runtime) => {
      const made = await once(runtime, "pay", { amount: 5 }, async (key) => side.call(key));
      runs += 1;
      if (runs < 3) throw crash;
      return made;
    });
    expect(await graph.invoke({}, onThread())).toMatchObject({ seen: { receipt: "receipt 1" } });
    expect(runs).toBe(3);
    expect(side.requests).toHaveLength(1);
  });

  test("by invoke(null) after the run has failed", async () => {
    const ledger = memoryLedger();
    const side = otherSide();
    let broken = true;
    const graph = workGraph(
      async (runtime) => {
        // A new process has a new `effects` over the same ledger.
        const made = await effects(ledger).once(runtime, "pay", null, async (key) => side.call(key));
        if (broken) throw crash;
        return made;
      },
      { attempts: 1 },
    );
    await expect(graph.invoke({}, onThread())).rejects.toThrow("crash");
    broken = false;
    expect(await graph.invoke(null, onThread())).toMatchObject({ seen: { receipt: "receipt 1" } });
    expect(side.requests).toHaveLength(1);
  });

  test("by the resume of an interrupt behind it", async () => {
    const { once } = effects(memoryLedger());
    const side = otherSide();
    const graph = workGraph(async (runtime) => {
      await once(runtime, "pay", null, async (key) => side.call(key));
      return interrupt("sure?");
    });
    await graph.invoke({}, onThread());
    expect(await graph.invoke(new Command({ resume: "yes" }), onThread())).toMatchObject({ seen: "yes" });
    expect(side.requests).toHaveLength(1);
  });

  test("and asks nobody while it is made: once it is given back, its answer would be another question's", async () => {
    const { once, onceWithin, recorded } = effects(memoryLedger());
    const ask = async () => interrupt("sure?");
    for (const body of [
      (runtime: EffectRuntime) => once(runtime, "pay", null, ask),
      (runtime: EffectRuntime) => onceWithin(runtime, "pay", null, ask),
      (runtime: EffectRuntime) => recorded(runtime, "pay", ask),
    ])
      await expect(workGraph(body).invoke({}, onThread())).rejects.toMatchObject({
        code: "question_within_effect",
        message: '"pay" asks a person while it is made: ask before it, or in a node of its own',
      });
  });

  test("by a retry beside a timed-out body that ignores its signal: the retry joins it", async () => {
    const { once } = effects(memoryLedger());
    const side = otherSide();
    const slow = gate();
    let runs = 0;
    const graph = workGraph(
      async (runtime) => {
        runs += 1;
        if (runs === 2) setTimeout(slow.open, 5);
        return once(runtime, "pay", null, async (key) => {
          await slow.passed;
          return side.call(key);
        });
      },
      { timeout: 100 },
    );
    expect(await graph.invoke({}, onThread())).toMatchObject({ seen: { receipt: "receipt 1" } });
    expect(runs).toBe(2);
    expect(side.requests).toHaveLength(1);
  });

  test("by another call with its name: these are told apart by their order, over a retry too", async () => {
    const ledger = memoryLedger();
    const { once } = effects(ledger);
    const side = otherSide();
    let runs = 0;
    const graph = workGraph(async (runtime) => {
      const one = await once(runtime, "pay", { to: "a" }, async (key) => side.call(key));
      const two = await once(runtime, "pay", { to: "b" }, async (key) => side.call(key));
      const three = await once(runtime, "mail", null, async (key) => side.call(key));
      runs += 1;
      if (runs === 1) throw crash;
      return [one, two, three].map(({ receipt }) => receipt);
    });
    expect(await graph.invoke({}, onThread())).toMatchObject({
      seen: ["receipt 1", "receipt 2", "receipt 3"],
    });
    expect(side.requests).toHaveLength(3);
    expect(await ledger.entries("t")).toHaveLength(3);
  });

  test("when calls run side by side and one of them fails", async () => {
    const { once } = effects(memoryLedger());
    const side = otherSide();
    let runs = 0;
    const graph = workGraph(async (runtime) => {
      runs += 1;
      const failsFirst = runs === 1;
      const pay = (to: string) =>
        once(runtime, "pay", { to }, async (key) => {
          if (to === "b" && failsFirst) throw crash;
          return side.call(key);
        });
      return Promise.all(["a", "b", "c"].map(pay));
    });
    await graph.invoke({}, onThread());
    expect(runs).toBe(2);
    expect(side.requests).toHaveLength(3);
    expect(new Set(side.requests).size).toBe(3);
  });
});

test("a new visit of the node and another thread make effects of their own", async () => {
  const { once } = effects(memoryLedger());
  const side = otherSide();
  const graph = workGraph((runtime) => once(runtime, "pay", null, async (key) => side.call(key)), {
    visits: 2,
  });
  await graph.invoke({}, onThread("a"));
  await graph.invoke({}, onThread("b"));
  expect(side.done).toHaveLength(4);
});

test("an effect that was made but not recorded is run again under the key that it had", async () => {
  const ledger = memoryLedger();
  let lost = true;
  const leaky: EffectLedger<undefined> = {
    ...ledger,
    async record(key, result) {
      if (lost) {
        lost = false;
        throw crash;
      }
      return ledger.record(key, result);
    },
  };
  const { once } = effects(leaky);
  const side = otherSide();
  const graph = workGraph((runtime) => once(runtime, "pay", null, async (key) => side.call(key)));
  await graph.invoke({}, onThread());
  expect(side.requests).toHaveLength(2);
  expect(side.done).toHaveLength(1);
});

test("the first run gets what a replay gets: JSON", async () => {
  const { once } = effects(memoryLedger());
  const seen: unknown[] = [];
  const odd = () => ({ at: new Date(0), gone: undefined, rate: Number.NaN, list: [undefined, -0] });
  const graph = workGraph(async (runtime) => {
    seen.push([
      await once(runtime, "odd", null, async () => odd()),
      await once(runtime, "nothing", null, async () => undefined),
    ]);
    if (seen.length < 2) throw crash;
  });
  await graph.invoke({}, onThread());
  expect(seen[0]).toEqual([{ at: "1970-01-01T00:00:00.000Z", rate: null, list: [null, 0] }, null]);
  expect(seen[1]).toEqual(seen[0]);
});

test("a model call is recorded: a retry gets the answer that was given", async () => {
  const { recorded } = effects(memoryLedger());
  let answers = 0;
  let runs = 0;
  const graph = workGraph(async (runtime) => {
    const answer = await recorded(runtime, "model:planner", async () => `answer ${++answers}`);
    runs += 1;
    if (runs === 1) throw crash;
    return answer;
  });
  expect(await graph.invoke({}, onThread())).toMatchObject({ seen: "answer 1" });
});

test("an effect within the ledger's transaction is made once, and a failed one leaves no claim", async () => {
  const ledger = memoryLedger();
  const { onceWithin } = effects(ledger);
  let made = 0;
  let runs = 0;
  const claims: number[] = [];
  const graph = workGraph(async (runtime) => {
    runs += 1;
    claims.push((await ledger.entries("t")).length);
    const result = await onceWithin(runtime, "book", null, async () => {
      if (runs === 1) throw crash;
      return ++made;
    });
    if (runs === 2) throw crash;
    return result;
  });
  expect(await graph.invoke({}, onThread())).toMatchObject({ seen: 1 });
  expect(claims).toEqual([0, 0, 1]);
});

describe("an aborted body", () => {
  test("makes no new effect, begun before the abort or not", async () => {
    const ledger = memoryLedger();
    const claiming = gate();
    const aborted = gate();
    const { once } = effects<undefined>({
      ...ledger,
      async claim(effect) {
        claiming.open();
        await aborted.passed;
        return ledger.claim(effect);
      },
    });
    const side = otherSide();
    const stop = new AbortController();
    const zombie = gate();
    const ends: unknown[] = [];
    const graph = workGraph(async (runtime) => {
      for (const name of ["was claiming", "came later"]) {
        await once(runtime, name, null, async (key) => side.call(key)).catch((error) => ends.push(error));
      }
      zombie.open();
    });
    const run = graph.invoke({}, { ...onThread(), signal: stop.signal });
    await claiming.passed;
    stop.abort(new Error("stopped"));
    await expect(run).rejects.toThrow();
    aborted.open();
    await zombie.passed;
    expect(ends).toHaveLength(2);
    expect(side.requests).toEqual([]);
    expect(await ledger.entries("t")).toMatchObject([{ name: "was claiming", status: "claimed" }]);
  });

  test("does not fail the retry that joined it by its own abort: the retry takes over", async () => {
    const ledger = memoryLedger();
    const { once } = effects(ledger);
    const side = otherSide();
    const joining = gate();
    let runs = 0;
    const graph = workGraph(
      async (runtime) => {
        runs += 1;
        if (runs === 2) setTimeout(() => joining.fail(new Error("socket closed by the first attempt")), 5);
        const first = runs === 1;
        return once(runtime, "pay", null, async (key) => {
          if (first) await joining.passed;
          return side.call(key);
        });
      },
      { timeout: 100, attempts: 2 },
    );
    expect(await graph.invoke({}, onThread())).toMatchObject({ seen: { receipt: "receipt 1" } });
    expect(await ledger.entries("t")).toMatchObject([{ attempts: 2, status: "done" }]);
  });
});

describe("reconcile", () => {
  test("is asked before an effect of unknown outcome is run again, and its answer is recorded", async () => {
    const ledger = memoryLedger();
    const { once } = effects(ledger);
    const happened: string[] = [];
    const graph = workGraph((runtime) =>
      once(
        runtime,
        "pay",
        null,
        async (key) => {
          happened.push(key);
          if (happened.length === 1) throw new Error("the answer was lost");
          return "paid now";
        },
        { reconcile: async (key) => (happened.includes(key) ? { result: "paid before" } : undefined) },
      ),
    );
    expect(await graph.invoke({}, onThread())).toMatchObject({ seen: "paid before" });
    expect(happened).toHaveLength(1);
    expect(await ledger.entries("t")).toMatchObject([{ status: "done", result: "paid before" }]);
  });

  test("is not asked at first, and what it does not know is run", async () => {
    const { once } = effects(memoryLedger());
    const said: string[] = [];
    const graph = workGraph((runtime) =>
      once(
        runtime,
        "pay",
        null,
        async () => {
          said.push("run");
          if (said.length === 1) throw new Error("connection refused");
          return "paid";
        },
        { reconcile: async () => void said.push("asked") as undefined },
      ),
    );
    expect(await graph.invoke({}, onThread())).toMatchObject({ seen: "paid" });
    expect(said).toEqual(["run", "asked", "run"]);
  });
});

describe("a node that is not deterministic up to its effect", () => {
  test("is refused when it comes again with other arguments", async () => {
    const { once } = effects(memoryLedger());
    const side = otherSide();
    let runs = 0;
    const graph = workGraph(
      async (runtime) => {
        runs += 1;
        await once(runtime, "pay", { amount: runs }, async (key) => side.call(key));
        throw crash;
      },
      { attempts: 2 },
    );
    await expect(graph.invoke({}, onThread())).rejects.toThrow(
      'effect "pay" was claimed with other arguments before: {"amount":1}, now {"amount":2}',
    );
    expect(side.requests).toHaveLength(1);
  });

  test("is refused too when its first run is still on the way", async () => {
    const { once } = effects(memoryLedger());
    const slow = gate();
    let runs = 0;
    const graph = workGraph(
      async (runtime) => {
        runs += 1;
        return once(runtime, "pay", { amount: runs }, () => slow.passed);
      },
      { timeout: 50, attempts: 2 },
    );
    await expect(graph.invoke({}, onThread())).rejects.toThrow("other arguments");
    slow.open();
  });
});

test("outside a node an effect has no key, and says so", async () => {
  const { once } = effects(memoryLedger());
  await expect(once({}, "pay", null, async () => null)).rejects.toMatchObject({
    name: "Fault:unexpected:no_execution_info",
    message: expect.stringContaining('"pay"'),
  });
});
