/** Traps around LangGraph's error handlers. "Bare" pins what 1.7.3 does, so that an upgrade that changes it is noticed. */
import { Command, END, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { classify, Fault } from "#src/faults/index.ts";
import { bubbleUp, guarded } from "#src/routing/index.ts";
import { dyingSaver, failure, onThread, routed, State, saver, soon, throws, workOnly } from "./graphs.ts";

const boom = throws(new Error("boom"));

describe("B7, P21b: a handler's plain update ends the branch in silence", () => {
  test("bare: the edge of the failed node is not followed", async () => {
    const graph = new StateGraph(State)
      .addNode("work", boom, { errorHandler: () => ({ log: "handled" }) })
      .addNode("after", () => ({ log: "after" }))
      .addEdge(START, "work")
      .addEdge("work", "after")
      .addEdge("after", END)
      .compile();
    expect((await graph.invoke({})).log).toBe("handled");
  });

  test("routed: every handler answers with a goto, and its target runs", async () => {
    const graph = new StateGraph(State)
      .addNode("work", guarded(throws(new Fault("compensable", "spent", "no way"))), routed())
      .addNode(
        "compensate",
        guarded(() => ({ log: "compensated" })),
        routed({ compensable: "bubble_up" }),
      )
      .addNode("bubble_up", bubbleUp(), { defer: true })
      .addEdge(START, "work")
      .addEdge("compensate", END)
      .compile();
    expect((await graph.invoke({})).log).toBe("compensated");
  });
});

describe("B18: a handler that throws ends the thread for good", () => {
  test("bare: after the mend only the handler runs again, and the node never does", async () => {
    let broken = true;
    let runs = 0;
    const work = () => {
      runs += 1;
      if (broken) throw new Error("bug");
      return { log: "done" };
    };
    const errorHandler = () => {
      throw new Error("from the handler");
    };
    const graph = new StateGraph(State)
      .addNode("work", work, { errorHandler })
      .addEdge(START, "work")
      .addEdge("work", END)
      .compile({ checkpointer: saver() });
    expect(await failure(graph.invoke({}, onThread()))).toMatchObject({ message: "from the handler" });
    broken = false;
    expect(await failure(graph.invoke(null, onThread()))).toMatchObject({ message: "from the handler" });
    expect(runs).toBe(1);
  });

  test("routed: invoke(null) runs the failed node as often as it stays broken, then goes on", async () => {
    let broken = true;
    const runs = { work: 0, sibling: 0 };
    const graph = new StateGraph(State)
      .addNode(
        "work",
        guarded(() => {
          runs.work += 1;
          if (broken) throw new Error("bug");
          return {};
        }),
        routed(),
      )
      .addNode(
        "sibling",
        guarded(() => {
          runs.sibling += 1;
          return { log: "sibling" };
        }),
        routed(),
      )
      .addNode(
        "compensate",
        guarded(() => ({})),
        routed({ compensable: "bubble_up" }),
      )
      .addNode(
        "join",
        guarded(({ log }: State) => ({ log: `${log} joined` })),
        routed(),
      )
      .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["work"] })
      .addEdge(START, "work")
      .addEdge(START, "sibling")
      .addEdge(["work", "sibling"], "join")
      .addEdge("join", END)
      .compile({ checkpointer: saver() });
    for (const round of [1, 2, 3]) {
      expect(
        await failure(round === 1 ? graph.invoke({}, onThread()) : graph.invoke(null, onThread())),
      ).toMatchObject({ code: "bug" });
      expect(runs).toEqual({ work: round, sibling: 1 });
    }
    broken = false;
    expect((await graph.invoke(null, onThread())).log).toBe("sibling joined");
    expect(runs).toEqual({ work: 4, sibling: 1 });
  });
});

describe("B3: an unhandled failure cancels a healthy sibling, whose handler then stands in for it", () => {
  test("routed: the sibling's body runs again instead, and the cancellation is no fault", async () => {
    let broken = true;
    let runs = 0;
    const graph = new StateGraph(State)
      // No route: somebody else's node, whose failure aborts its siblings.
      .addNode("foreign", () => {
        if (broken) throw new Error("unrouted");
        return {};
      })
      .addNode(
        "work",
        guarded(async () => {
          runs += 1;
          await soon(20);
          return { log: `run ${runs}` };
        }),
        routed(),
      )
      .addNode(
        "compensate",
        guarded(() => ({ log: "compensated" })),
        routed({ compensable: "bubble_up" }),
      )
      .addNode("bubble_up", bubbleUp(), { defer: true })
      .addEdge(START, "foreign")
      .addEdge(START, "work")
      .addEdge("work", END)
      .compile({ checkpointer: saver() });
    expect(await failure(graph.invoke({}, onThread()))).toMatchObject({ message: "unrouted" });
    broken = false;
    const end = await graph.invoke(null, onThread());
    expect(end.log).toBe("run 2");
    expect(end.faults).toEqual([]);
  });

  test("routed: a node that aborts by itself, for ever, is stopped like any other", async () => {
    let runs = 0;
    const graph = workOnly(() => ({}))
      .addNode(
        "unguarded",
        () => {
          runs += 1;
          throw new DOMException("stopped by itself", "AbortError");
        },
        routed(),
      )
      .addEdge(START, "unguarded")
      .compile();
    const end = await graph.invoke({}, { recursionLimit: 100 });
    expect(end.log).toBe("compensated");
    expect(end.rounds).toEqual({ "unguarded:cancelled": 10, "unguarded:compensable": 1 });
    expect(runs).toBe(3 * 11);
  });
});

describe("B8, P5: after a crash a handler gets an error rebuilt from its name and message", () => {
  test("the category and code survive in the name", () => {
    const thrown = new Fault("user-fixable", "no_account", "Which account?", { details: { tried: 1 } });
    const rebuilt = Object.assign(new Error(thrown.message), { name: thrown.name });
    expect(classify(rebuilt)).toMatchObject({
      category: "user-fixable",
      code: "no_account",
      message: "Which account?",
    });
  });

  test("a crash between the node's failure and its handler routes as if there had been none", async () => {
    const { checkpointer, nextProcess } = dyingSaver();
    const build = () =>
      new StateGraph(State)
        .addNode("work", guarded(throws(new Fault("compensable", "spent", "no way"))), routed())
        .addNode(
          "compensate",
          guarded(() => ({ log: "compensated" })),
          routed({ compensable: "bubble_up" }),
        )
        .addNode("bubble_up", bubbleUp(), { defer: true })
        .addEdge(START, "work")
        .addEdge("compensate", END)
        .compile({ checkpointer });
    expect(await failure(build().invoke({}, onThread()))).toBeInstanceOf(Error);
    nextProcess();
    const end = await build().invoke(null, onThread());
    expect(end.log).toBe("compensated");
    expect(end.faults).toEqual([
      expect.objectContaining({ category: "compensable", code: "spent", route: "compensate" }),
    ]);
  });
});

describe("a handled error object is swallowed where it is thrown again", () => {
  const shared = new Error("the same object");
  test("bare: the second throw ends the run as if nothing had happened", async () => {
    const graph = new StateGraph(State)
      .addNode(
        "work",
        () => {
          throw shared;
        },
        { errorHandler: () => new Command({ goto: "again" }), ends: ["again"] },
      )
      .addNode("again", () => {
        throw shared;
      })
      .addEdge(START, "work")
      .compile();
    await expect(graph.invoke({})).resolves.toBeDefined();
  });

  test("guarded: a fault thrown twice is two faults", async () => {
    const constant = new Fault("compensable", "constant", "thrown by two nodes");
    const graph = new StateGraph(State)
      .addNode("work", guarded(throws(constant)), routed())
      .addNode("compensate", guarded(throws(constant)))
      .addNode("bubble_up", bubbleUp(), { defer: true })
      .addEdge(START, "work")
      .compile();
    expect(await failure(graph.invoke({}))).toMatchObject({ code: "constant" });
  });
});

describe("B13: a goto to a node that is not there is ignored", () => {
  test("routed: such a route is refused when the graph is compiled", () => {
    const builder = new StateGraph(State)
      .addNode(
        "work",
        guarded(() => ({})),
        routed(),
      )
      .addEdge(START, "work");
    expect(() => builder.compile()).toThrow(/compensate|bubble_up/);
  });
});
