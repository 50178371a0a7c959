/**
 * Random histories with forks, replays, questions and restarts, pruned now and then: exactly what must stay stays, and
 * reads as it did. `randomRetentionSpec(() => …)`.
 */
import {
  Annotation,
  type BaseCheckpointSaver,
  END,
  interrupt,
  START,
  StateGraph,
} from "@langchain/langgraph";
import type { CheckpointTuple } from "@langchain/langgraph-checkpoint";
import fc from "fast-check";
import { expect, test } from "vitest";
import { placeOf, tuplesOf } from "./retention.ts";
import { historyOf } from "./subject.ts";

export interface ManyPrunable {
  again(): BaseCheckpointSaver;
  prune(thread: string, keepLast: number): Promise<void>;
}

const long = (word: string) => word.padEnd(1_100, ".");

const graphOn = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(
    Annotation.Root({
      list: Annotation<readonly string[], readonly string[] | { keep: number }>({
        reducer: (left, edit) => ("keep" in edit ? left.slice(-edit.keep) : left.concat(edit)),
        default: () => [],
      }),
      left: Annotation<number>(),
      ask: Annotation<boolean>(),
    }),
  )
    .addNode("step", ({ left, ask, list }) => {
      if (ask && left === 1) interrupt("?");
      return { left: left - 1, list: left % 3 === 0 ? { keep: 2 } : [`${list.length}`, long("more")] };
    })
    .addNode("beside", () => ({ list: ["beside"] }))
    .addEdge(START, "step")
    .addConditionalEdges("step", ({ left }) => (left > 0 ? ["step", "beside"] : END))
    .compile({ checkpointer });

type Action =
  | {
      readonly do: "run";
      readonly steps: number;
      readonly ask: boolean;
      readonly durability: "sync" | "async" | "exit";
    }
  | { readonly do: "fork" | "replay"; readonly back: number }
  | { readonly do: "prune"; readonly keepLast: number }
  | { readonly do: "restart" };

const back = fc.nat(9);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      steps: fc.integer({ min: 1, max: 5 }),
      ask: fc.boolean(),
      durability: fc.constantFrom("sync", "async", "exit"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("fork" as const, "replay" as const), back }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("prune" as const), keepLast: fc.integer({ min: 1, max: 4 }) }),
  },
  fc.record({ do: fc.constant("restart" as const) }),
);

/** The last `keepLast` of each branch, from the tuples alone. */
function expected(tuples: readonly CheckpointTuple[], keepLast: number): string[] {
  const byId = new Map(tuples.map((tuple) => [tuple.checkpoint.id, tuple]));
  const parentOf = (tuple: CheckpointTuple) => byId.get(tuple.parentConfig?.configurable?.checkpoint_id);
  const parents = new Set(tuples.map(parentOf));
  const kept = new Set<CheckpointTuple>();
  for (const tip of tuples.filter((tuple) => !parents.has(tuple))) {
    let one: CheckpointTuple | undefined = tip;
    for (let i = 0; i < keepLast && one !== undefined; i++, one = parentOf(one)) kept.add(one);
  }
  return tuples.filter((tuple) => kept.has(tuple)).map(placeOf);
}

export function randomRetentionSpec(
  open: () => Promise<ManyPrunable>,
  { numRuns }: { numRuns: number },
): void {
  test("random histories: what stays is the last of each branch, and reads as it did", async () => {
    const { again, prune } = await open();
    let threads = 0;
    const property = fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 10 }), async (actions) => {
      threads += 1;
      const thread = String(threads);
      const config = { configurable: { thread_id: thread } };
      let graph = graphOn(again());
      await graph.invoke({ left: 4, list: [long("begun")] }, { ...config, durability: "sync" });
      const pick = async (index: number) => {
        const history = await historyOf(graph, config);
        return history[index % history.length]?.config ?? config;
      };
      for (const one of actions) {
        if (one.do === "run") {
          const input = { left: one.steps, ask: one.ask };
          const live = await graph.invoke(input, { ...config, durability: one.durability });
          const { list, left, ask } = live;
          expect((await graphOn(again()).getState(config)).values).toEqual({ list, left, ask });
        } else if (one.do === "fork") {
          await graph.updateState(await pick(one.back), { list: [long("edited")], left: 2 }, "step");
        } else if (one.do === "replay") {
          await graph.invoke(null, { ...(await pick(one.back)), durability: "sync" });
        } else if (one.do === "restart") {
          graph = graphOn(again());
        } else if (one.do === "prune") {
          const before = await tuplesOf(again(), thread);
          await prune(thread, one.keepLast);
          const after = await tuplesOf(again(), thread);
          expect(after.map(placeOf)).toEqual(expected(before, one.keepLast));
          const byPlace = new Map(before.map((tuple) => [placeOf(tuple), tuple]));
          expect(after).toEqual(after.map((tuple) => byPlace.get(placeOf(tuple))));
        }
      }
      await historyOf(graphOn(again()), config);
    });
    await fc.assert(property, { numRuns });
  }, 120_000);
}
