/** LangGraph's traps around effects, bare and through the ledger. Measured on LangGraph 1.7.3. */
import { Command, type LangGraphRunnableConfig, MemorySaver, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { effects, memoryLedger } from "#src/recovery/index.ts";
import { gate, onThread, workGraph } from "./work-graph.ts";

const State = z.object({ joined: z.boolean().default(false) });

/** Pays, bare or through a ledger, and counts the payments. */
function payments(through: "bare" | "ledger") {
  const { once } = effects(memoryLedger());
  const made: string[] = [];
  const pay = async (runtime: LangGraphRunnableConfig, by: string, until?: Promise<unknown>) => {
    const run = async () => {
      await until;
      return made.push(by);
    };
    return through === "bare" ? run() : once(runtime, "pay", null, run);
  };
  return { made, pay };
}

describe("P1, P17: a sibling's failure ends the run, and a body that ignores its signal goes on", () => {
  async function sibling(through: "bare" | "ledger", paysWhen: "before the failure" | "after it") {
    const { made, pay } = payments(through);
    const paying = gate();
    const runEnded = gate();
    const zombieEnded = gate();
    let broken = true;
    const graph = new StateGraph(State)
      .addNode("broken", async () => {
        await paying.passed;
        if (broken) throw new Error("a bug");
        return {};
      })
      .addNode("pays", async (_state, runtime: LangGraphRunnableConfig) => {
        paying.open();
        if (paysWhen === "after it") await runEnded.passed;
        await pay(runtime, "pays", runEnded.passed).finally(zombieEnded.open);
        return {};
      })
      .addEdge("__start__", "broken")
      .addEdge("__start__", "pays")
      .compile({ checkpointer: new MemorySaver() });
    await expect(graph.invoke({}, onThread())).rejects.toThrow("a bug");
    runEnded.open();
    await zombieEnded.passed;
    broken = false;
    await graph.invoke(null, onThread());
    return made.length;
  }

  test.each(["before the failure", "after it"] as const)("bare: begun %s, it pays twice", async (when) => {
    expect(await sibling("bare", when)).toBe(2);
  });

  test.each(["before the failure", "after it"] as const)("ledger: begun %s, it pays once", async (when) => {
    expect(await sibling("ledger", when)).toBe(1);
  });
});

describe("P18: a timed-out body that ignores its signal goes on beside its retry", () => {
  async function timedOut(through: "bare" | "ledger") {
    const { made, pay } = payments(through);
    const retried = gate();
    const zombieEnded = gate();
    let runs = 0;
    const graph = workGraph(
      async (runtime) => {
        runs += 1;
        if (runs > 1) return pay(runtime, "the retry").finally(retried.open);
        await retried.passed;
        return pay(runtime, "the zombie").finally(zombieEnded.open);
      },
      { timeout: 100 },
    );
    await graph.invoke({}, onThread());
    await zombieEnded.passed;
    return made;
  }

  test("bare: both pay", async () => {
    expect(await timedOut("bare")).toEqual(["the retry", "the zombie"]);
  });

  test("ledger: the retry pays", async () => {
    expect(await timedOut("ledger")).toEqual(["the retry"]);
  });
});

describe("P25: an error handler that has finished runs again when a sibling crashes and the run is resumed", () => {
  async function handled(through: "bare" | "ledger") {
    const { made, pay } = payments(through);
    const handlerEnded = gate();
    let broken = true;
    const graph = new StateGraph(State)
      .addNode(
        "fails",
        () => {
          throw new Error("for good");
        },
        {
          ends: ["join"],
          errorHandler: async (_state, _error, runtime) => {
            await pay(runtime as LangGraphRunnableConfig, "the handler");
            // Once LangGraph has kept what the handler returns.
            setTimeout(handlerEnded.open, 20);
            return new Command({ goto: "join" });
          },
        },
      )
      .addNode("broken", async () => {
        await handlerEnded.passed;
        if (broken) throw new Error("a bug");
        return {};
      })
      .addNode("join", () => ({ joined: true }))
      .addEdge("__start__", "fails")
      .addEdge("__start__", "broken")
      .compile({ checkpointer: new MemorySaver() });
    await expect(graph.invoke({}, onThread())).rejects.toThrow("a bug");
    broken = false;
    expect(await graph.invoke(null, onThread())).toMatchObject({ joined: true });
    return made.length;
  }

  test("bare: it pays twice", async () => {
    expect(await handled("bare")).toBe(2);
  });

  test("ledger: it pays once", async () => {
    expect(await handled("ledger")).toBe(1);
  });
});
