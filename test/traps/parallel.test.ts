/** Parallel branches: one fails for good, the other's work stays and its effect happens once, finished or not. */
import { type BaseCheckpointSaver, Send, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { Fault } from "#src/faults/index.ts";
import { type EffectLedger, effects, memoryLedger } from "#src/recovery/index.ts";
import { guarded, type NodeRuntime } from "#src/routing/index.ts";
import { eachEngine } from "../support/database.ts";
import {
  asNode,
  failure,
  type State as GraphState,
  gate,
  graphOf,
  onThread,
  routed,
  State,
  saver,
  throws,
  workOnly,
} from "./graphs.ts";

describe("P1, P17: a failure abandons its siblings", () => {
  test("bare: one that was in flight goes on as a zombie, runs again, and its effect happens twice", async () => {
    const [running, failed] = [gate(), gate()];
    let broken = true;
    let effectsMade = 0;
    const graph = new StateGraph(State)
      .addNode("foreign", async () => {
        await running.opened;
        if (broken) throw new Error("for good");
        return {};
      })
      .addNode("work", async () => {
        running.open();
        await failed.opened;
        effectsMade += 1;
        return {};
      })
      .addEdge(START, "foreign")
      .addEdge(START, "work")
      .compile({ checkpointer: saver() });
    expect(await failure(graph.invoke({}, onThread()))).toMatchObject({ message: "for good" });
    failed.open();
    broken = false;
    await graph.invoke(null, onThread());
    expect(effectsMade).toBe(2);
  });

  test("P4, bare: a failure that a handler has dealt with abandons nobody", async () => {
    const failed = gate();
    const graph = new StateGraph(State)
      .addNode("foreign", throws(new Error("handled")), {
        errorHandler: () => {
          failed.open();
          return {};
        },
      })
      .addNode("work", async () => {
        await failed.opened;
        return { done: ["work"] };
      })
      .addEdge(START, "foreign")
      .addEdge(START, "work")
      .compile();
    expect((await graph.invoke({})).done).toEqual(["work"]);
  });
});

interface Stores {
  readonly ledger: EffectLedger<unknown>;
  readonly checkpointer: BaseCheckpointSaver;
}

/** A thread of its own for each test: they may share one database. */
let threads = 0;

function parallelBranches(open: () => Promise<Stores>): void {
  /** A branch that makes one effect, and what was made of each. */
  async function branches() {
    const stores = await open();
    const thread = `parallel ${++threads}`;
    const { once } = effects(stores.ledger);
    const made: string[] = [];
    return {
      thread,
      ...stores,
      made,
      pay: (runtime: NodeRuntime, name: string, before?: Promise<void>) =>
        once(runtime, name, null, async () => {
          await before;
          made.push(name);
          return name;
        }),
      async expectOnce(names: string[]) {
        expect([...made].sort()).toEqual(names);
        const entries = await stores.ledger.entries(thread);
        expect(entries.map(({ name, status }) => ({ name, status }))).toHaveLength(names.length);
        expect(entries.every(({ status }) => status === "done")).toBe(true);
      },
    };
  }

  for (const when of ["had finished", "was in flight"] as const) {
    test(`a sibling that ${when} when a bug bubbles up: once, and not run again after the mend`, async () => {
      const { thread, checkpointer, pay, expectOnce } = await branches();
      const [paid, failed] = [gate(), gate()];
      let broken = true;
      let runs = 0;
      const graph = workOnly(async () => {
        if (when === "had finished") await paid.opened;
        failed.open();
        if (broken) throw new Error("bug");
        return { done: ["work"] };
      })
        .addNode(
          "sibling",
          guarded(async (_: GraphState, runtime: NodeRuntime) => {
            runs += 1;
            await pay(runtime, "sibling", when === "was in flight" ? failed.opened : undefined);
            paid.open();
            return { done: ["sibling"] };
          }),
          routed(),
        )
        .addNode(
          "join",
          guarded(({ done }: GraphState) => ({ log: done.join(" and ") })),
          routed(),
        )
        .addEdge(START, "sibling")
        .addEdge(["work", "sibling"], "join")
        .compile({ checkpointer });
      expect(await failure(graph.invoke({}, onThread(thread)))).toMatchObject({ message: "bug" });
      expect(await failure(graph.invoke(null, onThread(thread)))).toMatchObject({ message: "bug" });
      broken = false;
      expect((await graph.invoke(null, onThread(thread))).log).toBe("sibling and work");
      expect(runs).toBe(1);
      await expectOnce(["sibling"]);
    });
  }

  test("a failure that is compensated leaves the sibling's work where it is", async () => {
    const { thread, checkpointer, pay, expectOnce } = await branches();
    const failed = gate();
    const graph = workOnly(() => {
      failed.open();
      throw new Fault("compensable", "declined", "for good");
    })
      .addNode(
        "sibling",
        guarded(async (_: GraphState, runtime: NodeRuntime) => {
          await pay(runtime, "sibling", failed.opened);
          return { done: ["sibling"] };
        }),
        routed(),
      )
      .addEdge(START, "sibling")
      .compile({ checkpointer });
    const end = await graph.invoke({}, onThread(thread));
    expect(end).toMatchObject({ log: "compensated", done: ["sibling"] });
    await expectOnce(["sibling"]);
  });

  test("both fail: each is told, each runs again after the mend, each effect once", async () => {
    const { thread, checkpointer, pay, expectOnce } = await branches();
    let broken = true;
    const body = (name: string) => async (_: GraphState, runtime: NodeRuntime) => {
      await pay(runtime, name);
      if (broken) throw new Error(`bug in ${name}`);
      return { done: [name] };
    };
    const graph = workOnly(body("work"))
      .addNode("sibling", guarded(body("sibling")), routed())
      .addEdge(START, "sibling")
      .compile({ checkpointer });
    const both = await failure(graph.invoke({}, onThread(thread)));
    expect((both as AggregateError).errors.map(({ message }: Error) => message).sort()).toEqual([
      "bug in sibling",
      "bug in work",
    ]);
    broken = false;
    const end = await graph.invoke(null, onThread(thread));
    expect(end.done).toEqual(["sibling", "work"]);
    await expectOnce(["sibling", "work"]);
  });

  test("a fan-out by Send: one part fails for good, the others' effects stand, once each", async () => {
    const { thread, checkpointer, pay, expectOnce } = await branches();
    const failed = gate();
    let broken = true;
    const graph = graphOf(async (state, runtime) => {
      const { part } = state as GraphState & { part: number };
      await pay(runtime, `part ${part}`, part === 3 ? failed.opened : undefined);
      if (part === 2 && broken) {
        failed.open();
        throw new Error("bug in 2");
      }
      return { done: [`part ${part}`] };
    })
      .addConditionalEdges(START, () => [1, 2, 3].map((part) => new Send("work", { part })), ["work"])
      .compile({ checkpointer });
    expect(await failure(graph.invoke({}, onThread(thread)))).toMatchObject({ message: "bug in 2" });
    broken = false;
    const end = await graph.invoke(null, onThread(thread));
    expect(end.done).toEqual(["part 1", "part 2", "part 3"]);
    await expectOnce(["part 1", "part 2", "part 3"]);
  });

  test("a part of a fan-out that a foreign failure cancelled runs again, and pays once", async () => {
    const { thread, checkpointer, pay, expectOnce } = await branches();
    const paid = gate();
    let broken = true;
    const graph = graphOf(async (state, runtime) => {
      const { part } = state as GraphState & { part: number };
      await pay(runtime, `part ${part}`);
      paid.open();
      if (broken) await new Promise((_, reject) => runtime.signal?.addEventListener("abort", reject));
      return { done: [`part ${part}`] };
    })
      .addNode("foreign", async () => {
        await paid.opened;
        if (broken) throw new Error("unrouted");
        return {};
      })
      .addConditionalEdges(START, () => [new Send("foreign", {}), new Send("work", { part: 1 })], [
        "foreign",
        "work",
      ])
      .compile({ checkpointer });
    expect(await failure(graph.invoke({}, onThread(thread)))).toMatchObject({ message: "unrouted" });
    broken = false;
    expect((await graph.invoke(null, onThread(thread))).done).toEqual(["part 1"]);
    await expectOnce(["part 1"]);
  });

  test("a node that went on after a bug makes its effect anew on its next visit", async () => {
    const { thread, checkpointer, pay, made } = await branches();
    let broken = true;
    const graph = graphOf(async (_, runtime) => {
      await pay(runtime, "pay");
      if (broken) throw new Error("bug");
      return { done: ["visit"] };
    })
      .addEdge(START, "work")
      .addConditionalEdges("work", ({ done }) => ((done ?? []).length < 2 ? "work" : "__end__"), [
        "work",
        "__end__",
      ])
      .compile({ checkpointer });
    expect(await failure(graph.invoke({}, onThread(thread)))).toMatchObject({ message: "bug" });
    broken = false;
    expect((await graph.invoke(null, onThread(thread))).done).toEqual(["visit", "visit"]);
    expect(made).toEqual(["pay", "pay"]);
  });

  test("a subgraph bubbles up beside a sibling in flight: it is cancelled, runs again, and pays once", async () => {
    const { thread, checkpointer, pay, made, expectOnce } = await branches();
    const [running, failed] = [gate(), gate()];
    let broken = true;
    let runs = 0;
    const inner = workOnly(async () => {
      await running.opened;
      if (broken) throw new Error("bug inside");
      return {};
    }).compile();
    const graph = workOnly(async (_, runtime) => {
      runs += 1;
      running.open();
      await pay(runtime, "sibling", failed.opened);
      return { done: ["sibling"] };
    })
      .addNode("inner", asNode(inner))
      .addEdge(START, "inner")
      .compile({ checkpointer });
    expect(await failure(graph.invoke({}, onThread(thread)))).toMatchObject({ message: "bug inside" });
    expect(made).toEqual([]);
    broken = false;
    failed.open();
    const end = await graph.invoke(null, onThread(thread));
    expect(end.done).toEqual(["sibling"]);
    expect(end.faults?.map(({ message }) => message)).toEqual(["bug inside"]);
    expect(runs).toBe(2);
    await expectOnce(["sibling"]);
  });
}

describe("parallel branches, ledger in memory", () =>
  parallelBranches(async () => ({ ledger: memoryLedger(), checkpointer: saver() })));

eachEngine("parallel branches, ledger and checkpoints", (open) =>
  parallelBranches(async () => {
    const { ledger, saver: checkpointer } = await open();
    return { ledger: ledger as EffectLedger<unknown>, checkpointer };
  }),
);

describe("P19b: beside an unhandled failure, what a handler wrote is not in state", () => {
  test("bare: the caller sees the old state, and the handler runs again on resume", async () => {
    let broken = true;
    let handled = 0;
    const graph = new StateGraph(State)
      .addNode("work", throws(new Error("handled")), {
        errorHandler: () => {
          handled += 1;
          return { log: "handled" };
        },
      })
      .addNode("foreign", async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (broken) throw new Error("unhandled");
        return {};
      })
      .addEdge(START, "work")
      .addEdge(START, "foreign")
      .compile({ checkpointer: saver() });
    await failure(graph.invoke({}, onThread()));
    broken = false;
    expect((await graph.invoke(null, onThread())).log).toBe("handled");
    expect(handled).toBe(2);
  });

  test("P25, routed: a handler that runs again writes the same record and the same round", async () => {
    let broken = true;
    const graph = workOnly(throws(new Fault("compensable", "declined", "for good")))
      .addNode("foreign", async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (broken) throw new Error("unhandled");
        return {};
      })
      .addEdge(START, "foreign")
      .compile({ checkpointer: saver() });
    expect(await failure(graph.invoke({}, onThread()))).toMatchObject({ message: "unhandled" });
    broken = false;
    const end = await graph.invoke(null, onThread());
    expect(end.log).toBe("compensated");
    expect(end.faults).toHaveLength(1);
    expect(end.rounds).toEqual({ "work:compensable": 1 });
  });
});
