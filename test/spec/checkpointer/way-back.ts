/** From this project's saver to LangGraph's own, and on with both. `wayBackSpec(() => …)`. */
import {
  Annotation,
  type BaseCheckpointSaver,
  Command,
  END,
  interrupt,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { type CheckpointTuple, uuid6 } from "@langchain/langgraph-checkpoint";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tuplesOf } from "./retention.ts";
import { historyOf } from "./subject.ts";

export interface Convertible {
  readonly stock: BaseCheckpointSaver;
  again(): BaseCheckpointSaver;
  toStock(thread: string): Promise<void>;
}

const long = (word: string) => word.padEnd(1_100, ".");

type Edit = readonly unknown[] | { readonly keep: number } | { readonly turned: true };

const edited = (list: readonly unknown[], edit: Edit) =>
  "keep" in edit ? list.slice(-edit.keep) : "turned" in edit ? list.toReversed() : list.concat(edit);

const graphOn = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(
    Annotation.Root({
      list: Annotation<readonly unknown[], Edit>({ reducer: edited, default: () => [] }),
      // A whole value that a node writes is stored once, with the channel.
      text: Annotation<string>(),
      script: Annotation<readonly Edit[]>(),
      ask: Annotation<boolean>(),
    }),
  )
    .addNode("edit", ({ script: [edit = [], ...rest], ask, text = "" }) => {
      if (ask && rest.length === 0) interrupt("?");
      return { list: edit, script: rest, text: long(`${text.length}`) };
    })
    .addNode("beside", () => ({ list: [{ beside: new Uint8Array([1, 2]), none: null }] }))
    .addEdge(START, "edit")
    .addConditionalEdges("edit", ({ script }) => (script.length > 0 ? ["edit", "beside"] : END))
    .compile({ checkpointer });

/** The newest checkpoint once more, with metadata that is not LangGraph's own. */
async function putWithMetadata(saver: BaseCheckpointSaver, thread: string): Promise<void> {
  const newest = await saver.getTuple({ configurable: { thread_id: thread } });
  if (newest === undefined) throw new Error("there is no checkpoint");
  const { config, checkpoint, metadata } = newest;
  const about = { ...(metadata ?? { source: "update", step: 0, parents: {} }), who: "me" } as const;
  await saver.put(config, { ...checkpoint, id: uuid6(99) }, about, {});
}

/** The stock saver reads writes in another order. */
const comparable = ({ config, checkpoint, metadata, parentConfig, pendingWrites }: CheckpointTuple) => ({
  id: config.configurable?.checkpoint_id,
  checkpoint,
  metadata,
  parent: parentConfig?.configurable?.checkpoint_id,
  writes: (pendingWrites ?? []).map((write) => JSON.stringify(write)).sort(),
});

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(fc.oneof(fc.string().map(long), fc.nat(), fc.constant(null)), { maxLength: 3 }),
  },
  fc.record({ keep: fc.integer({ min: 1, max: 3 }) }),
  fc.constant({ turned: true } as const),
);
const action = fc.record({
  script: fc.array(edit, { minLength: 1, maxLength: 5 }),
  ask: fc.boolean(),
  forkAt: fc.option(fc.nat(9)),
});

export function wayBackSpec(open: () => Promise<Convertible>, { numRuns }: { numRuns: number }): void {
  test("random threads read the same with the stock saver, which goes on with them, and so does ours after it", async () => {
    const { stock, again, toStock } = await open();
    let threads = 0;
    const property = fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 4 }), async (actions) => {
      threads += 1;
      const thread = String(threads);
      const config = { configurable: { thread_id: thread }, durability: "sync" as const };
      const graph = graphOn(again());
      await graph.invoke({ list: [long("begun")], script: [["a"], [long("b")]], ask: false }, config);
      for (const { script, ask, forkAt } of actions) {
        if (forkAt !== null) {
          const history = await historyOf(graph, config);
          const at = history[forkAt % history.length]?.config ?? config;
          await graph.updateState(
            { ...at, metadata: { who: "me" } },
            { list: [long("edited")], script: [] },
            "edit",
          );
        }
        await graph.invoke({ script, ask }, config);
      }
      await putWithMetadata(again(), thread);
      const before = (await tuplesOf(again(), thread)).map(comparable);
      await toStock(thread);
      expect((await tuplesOf(stock, thread)).map(comparable)).toEqual(before);
      expect((await tuplesOf(again(), thread)).map(comparable)).toEqual(before);
      await toStock(thread);

      const next = { script: [["more"], ["still more"]] as const, ask: true };
      await graphOn(stock).invoke(next, config);
      const paused = (await tuplesOf(stock, thread)).map(comparable);
      expect((await tuplesOf(again(), thread)).map(comparable)).toEqual(paused);
      const ended = await graphOn(again()).invoke(new Command({ resume: "yes" }), config);
      expect(ended).toMatchObject({ script: [], list: expect.arrayContaining(["still more"]) });
      expect((await graphOn(again()).getState(config)).values).toEqual(ended);
    });
    await fc.assert(property, { numRuns });
  }, 240_000);
}
