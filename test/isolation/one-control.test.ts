/** One RunControl for many runs, so that one request drains them all: what a thread did must not count for another. */
import { MemorySaver, RunControl, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { z } from "zod";
import { Fault } from "#src/faults/index.ts";
import { type Child, supervise, withinBudgets } from "#src/isolation/index.ts";
import { bubbleUp, errorRoutes, faultChannels, guarded, type NodeRuntime } from "#src/routing/index.ts";
import { gate } from "../traps/graphs.ts";
import { oops, State } from "./supervisor/desk.ts";

const on = (thread: string, control: RunControl) => ({ configurable: { thread_id: thread }, control });

const Small = z.object({ trouble: z.string().default(""), ...faultChannels });
type Small = z.infer<typeof Small>;
const routed = errorRoutes({ compensable: "give_up", unexpected: "bubble_up", baseMs: 1, capMs: 5 });

function graphOf(work: (runtime: NodeRuntime) => Promise<Partial<Small>>, attempts = 1) {
  return new StateGraph(Small)
    .addNode(
      "work",
      guarded((_: Small, runtime: NodeRuntime) => work(runtime)),
      routed({ attempts, retryBudget: 1 }),
    )
    .addNode(
      "give_up",
      guarded(({ faults }: Small) => ({ trouble: faults.at(-1)?.code ?? "" })),
      routed({ compensable: "bubble_up" }),
    )
    .addNode("bubble_up", bubbleUp(), { defer: true })
    .addEdge(START, "work")
    .compile({ checkpointer: new MemorySaver() });
}

test("the calls of one thread are not another's", async () => {
  const call = (runtime: NodeRuntime) =>
    withinBudgets(
      runtime,
      { thread: { calls: 1 } },
      async () => "answer",
      () => 1,
    );
  const graph = graphOf(async (runtime) => ({ trouble: await call(runtime) }));
  const control = new RunControl();
  for (const thread of ["1", "2"]) {
    const { trouble, spent } = (await graph.invoke({}, on(thread, control))) as Small;
    expect({ trouble, calls: spent["thread:calls"] }).toEqual({ trouble: "answer", calls: 1 });
  }
});

test("the retries of one thread are not another's", async () => {
  let runs = 0;
  const graph = graphOf(async () => {
    runs += 1;
    if (runs % 2 === 1) throw new Fault("transient", "http_503", "down");
    return { trouble: "none" };
  }, 2);
  const control = new RunControl();
  expect(await graph.invoke({}, on("1", control))).toMatchObject({ trouble: "none" });
  expect(await graph.invoke({}, on("2", control))).toMatchObject({ trouble: "none" });
});

test("a failure on one thread stops no child of another, though both supervisors are outermost", async () => {
  const running = gate();
  const failed = gate();
  const children = (fails: boolean): Child<State>[] => [
    {
      name: "a",
      restart: "transient",
      run: async ({ supervision }) => {
        if (!fails || supervision.top?.turn !== 1) return { plan: "a" };
        await running.opened;
        setTimeout(failed.open);
        throw oops();
      },
    },
    {
      name: "b",
      restart: "transient",
      run: async (_, { signal }) => {
        if (!fails) running.open();
        await failed.opened;
        return { log: signal?.aborted ? "stopped" : "not stopped" };
      },
    },
  ];
  const top = (fails: boolean) =>
    supervise({ name: "top", state: State, strategy: "one_for_all", children: children(fails) });
  const control = new RunControl();
  const [first, second] = await Promise.all([
    top(true).invoke(State.parse({}), on("1", control)),
    top(false).invoke(State.parse({}), on("2", control)),
  ]);
  expect(first.supervision?.top).toMatchObject({ turn: 3, restarts: [{ child: "a" }] });
  expect(second.supervision?.top).toMatchObject({ turn: 2, restarts: [] });
  expect(second.log).toBe("not stopped");
});
