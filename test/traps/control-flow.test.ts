/** Control flow is no fault: it passes through guarded nodes and subgraphs untouched, and leaves no record. */
import { Command, interrupt, RunControl, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { eventOf, type FaultlineEvent } from "#src/events/index.ts";
import { Fault } from "#src/faults/index.ts";
import { askHuman, guarded } from "#src/routing/index.ts";
import {
  asNode,
  type Body,
  failure,
  type State as GraphState,
  gate,
  graphOf,
  onThread,
  routed,
  State,
  saver,
  workOnly,
} from "./graphs.ts";

/** `work` as it is, and inside two levels of subgraphs. */
const levels: [string, (work: Body) => ReturnType<typeof nested>][] = [
  [
    "in a node",
    (work) => workOnly(work).compile({ checkpointer: saver() }) as unknown as ReturnType<typeof nested>,
  ],
  ["in a subgraph's subgraph", (work) => nested(work)],
];

function nested(work: Body) {
  const inner = workOnly(work).compile();
  const middle = new StateGraph(State).addNode("inner", asNode(inner)).addEdge(START, "inner").compile();
  return new StateGraph(State)
    .addNode("middle", asNode(middle))
    .addEdge(START, "middle")
    .compile({ checkpointer: saver() });
}

const noFault = { faults: [], rounds: {} };

describe.each(levels)("%s", (_, graphWith) => {
  test("an interrupt pauses the run; its answer ends it", async () => {
    const graph = graphWith(() => ({ log: interrupt<string, string>("which?") }));
    const paused = (await graph.invoke({}, onThread())) as { __interrupt__?: { value?: unknown }[] };
    expect(paused.__interrupt__?.map(({ value }) => value)).toEqual(["which?"]);
    const end = await graph.invoke(new Command({ resume: "this" }), onThread());
    expect(end).toMatchObject({ log: "this", ...noFault });
  });

  test("an interrupt after a retry is still an interrupt, and the fault before it is not lost", async () => {
    let runs = 0;
    const graph = graphWith(() => {
      runs += 1;
      if (runs === 1) throw new Fault("transient", "http_503", "down");
      return { log: interrupt<string, string>("which?") };
    });
    const paused = (await graph.invoke({}, onThread())) as { __interrupt__?: unknown[] };
    expect(paused.__interrupt__).toHaveLength(1);
    const end = await graph.invoke(new Command({ resume: "this" }), onThread());
    expect(end.log).toBe("this");
    expect(runs).toBe(3);
  });

  test("a drain ends the run at the next superstep, and it goes on later", async () => {
    const control = new RunControl();
    const graph = graphWith(() => {
      control.requestDrain("stop");
      return { done: ["work"] };
    });
    const drained = await failure(graph.invoke({}, { ...onThread(), control }));
    if (drained !== undefined) expect(drained).toMatchObject({ name: "GraphDrained" });
    const end = await graph.invoke(null, onThread());
    expect(end).toMatchObject(noFault);
    expect(new Set(end.done)).toEqual(new Set(["work"]));
  });

  test("an abort ends the run, is no fault, and the node runs again", async () => {
    const [stop, running] = [new AbortController(), gate()];
    let broken = true;
    const graph = graphWith(async (_state, { signal }) => {
      running.open();
      if (broken)
        await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      return { done: ["work"] };
    });
    const run = failure(graph.invoke({}, { ...onThread(), signal: stop.signal }));
    await running.opened;
    stop.abort();
    expect(await run).toBeInstanceOf(Error);
    broken = false;
    const end = await graph.invoke(null, onThread());
    expect(end).toMatchObject({ ...noFault });
    expect(new Set(end.done)).toEqual(new Set(["work"]));
  });
});

test("a Command to the parent leaves the subgraph, with what its node survived", async () => {
  let runs = 0;
  const inner = graphOf(() => ({}))
    .addNode(
      "leave",
      guarded((): Command => {
        runs += 1;
        if (runs === 1) throw new Fault("transient", "http_503", "down");
        return new Command({ graph: Command.PARENT, goto: "after", update: [["log", "left"]] });
      }) as never,
      routed(),
    )
    .addEdge(START, "leave")
    .addEdge("leave", "work")
    .compile();
  const graph = new StateGraph(State)
    .addNode("inner", asNode(inner), { ends: ["after"] })
    .addNode("after", ({ log }: GraphState) => ({ log: `${log} and arrived` }))
    .addEdge(START, "inner")
    .compile({ checkpointer: saver() });
  const end = await graph.invoke({}, onThread());
  expect(end.log).toBe("left and arrived");
  expect(end.faults).toEqual([expect.objectContaining({ node: "leave", route: "retried" })]);
});

describe("B6: a handler in a subgraph cannot leave it", () => {
  const withHandler = (errorHandler: () => Command) =>
    new StateGraph(State)
      .addNode(
        "work",
        () => {
          throw new Error("boom");
        },
        { errorHandler: errorHandler as never },
      )
      .addEdge(START, "work")
      .compile();

  test("bare: its Command to the parent ends the whole run in silence", async () => {
    const inner = withHandler(() => new Command({ graph: Command.PARENT, goto: "after" }));
    const graph = new StateGraph(State)
      .addNode("inner", asNode(inner), { ends: ["after"] })
      .addNode("after", () => ({ log: "arrived" }))
      .addEdge(START, "inner")
      .compile();
    expect(await graph.invoke({})).not.toMatchObject({ log: "arrived" });
  });

  test("routed: a handler's targets are nodes of its own graph; what cannot be mended there bubbles up", async () => {
    const events: (FaultlineEvent | undefined)[] = [];
    const graph = nested(() => {
      throw new Error("boom");
    });
    const streamed = async () => {
      for await (const [, chunk] of await graph.stream(
        {},
        { ...onThread(), streamMode: "custom", subgraphs: true },
      ))
        events.push(eventOf(chunk));
    };
    expect(await failure(streamed())).toMatchObject({ category: "unexpected", code: "bug", message: "boom" });
    expect(events.map((event) => event?.type)).toEqual(["attempt_failed", "routed", "bubbled_up"]);
  });
});

describe("B9: one answer is given to every question", () => {
  test("bare: two parallel questions, one answer, both take it", async () => {
    const ask = () => ({ done: [interrupt<string, string>("?")] });
    const graph = new StateGraph(State)
      .addNode("work", ask)
      .addNode("other", ask)
      .addEdge(START, "work")
      .addEdge(START, "other")
      .compile({ checkpointer: saver() });
    await graph.invoke({}, onThread());
    expect((await graph.invoke(new Command({ resume: "x" }), onThread())).done).toEqual(["x", "x"]);
  });

  test("routed: questions of parallel branches are asked one after the other", async () => {
    const missing = (name: string) => (state: GraphState) => {
      const answer = state.faults.find(({ node }) => node === name)?.answer;
      if (answer === undefined) throw new Fault("user-fixable", "missing", `what of ${name}?`);
      return { done: [`${name}: ${answer}`] };
    };
    const asks = { userFixable: "ask" } as const;
    const graph = graphOf(missing("work"), asks as never)
      .addNode("other", guarded(missing("other")), routed(asks))
      .addNode("ask", guarded(askHuman()), routed())
      .addEdge(START, "work")
      .addEdge(START, "other")
      .compile({ checkpointer: saver() });
    const questions = (state: unknown) =>
      (state as { __interrupt__?: { value: { question: string } }[] }).__interrupt__?.map(
        ({ value }) => value.question,
      );
    const first = questions(await graph.invoke({}, onThread()));
    const second = questions(await graph.invoke(new Command({ resume: "x" }), onThread()));
    expect([first, second].sort()).toEqual([["what of other?"], ["what of work?"]]);
    const end = await graph.invoke(new Command({ resume: "y" }), onThread());
    expect(end.done?.map((line) => line.slice(-1)).sort()).toEqual(["x", "y"]);
  });
});

test("an open fault of the outer graph is not the subgraph's to throw", async () => {
  let broken = true;
  const inner = graphOf(() => {
    if (broken) throw new Error("inner bug");
    return { done: ["inner"] };
  })
    .addEdge(START, "work")
    .compile();
  const graph = workOnly(() => {
    if (broken) throw new Error("outer bug");
    return { done: ["outer"] };
  })
    .addNode("before", () => ({}))
    .addNode("inner", asNode(inner))
    .addEdge(START, "before")
    .addEdge("before", "inner")
    .compile({ checkpointer: saver() });
  expect(await failure(graph.invoke({}, onThread()))).toMatchObject({ message: "inner bug" });
  broken = false;
  expect(await failure(graph.invoke(null, onThread()))).toMatchObject({ message: "outer bug" });
  const end = await graph.invoke(null, onThread());
  expect(new Set(end.done)).toEqual(new Set(["inner", "outer"]));
});
