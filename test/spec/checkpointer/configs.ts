/** What a caller puts into a run's config: metadata with any text, an id that stands for none. `configsSpec(() => …)`. */
import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";
import {
  type CheckpointMetadata,
  type CheckpointTuple,
  emptyCheckpoint,
} from "@langchain/langgraph-checkpoint";
import { expect, test } from "vitest";
import { historyOf, type OpenSubject } from "./subject.ts";

const thread = { configurable: { thread_id: "1" } };
const place = { configurable: { thread_id: "1", checkpoint_ns: "" } };
const run = { ...thread, durability: "sync" as const };
const begun = "in".padEnd(2_000, ".");

const chain = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(
    Annotation.Root({
      log: Annotation<readonly string[], readonly string[]>({
        reducer: (left, right) => left.concat(right),
        default: () => [],
      }),
    }),
  )
    .addNode("a", () => ({ log: ["a".padEnd(300, ".")] }))
    .addNode("b", () => ({ log: ["b".padEnd(300, ".")] }))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .addEdge("b", END)
    .compile({ checkpointer });

export function configsSpec(open: OpenSubject): void {
  test.each(["plain", "a\\u0000b", "\u{1f600}", "x".repeat(100_000)])(
    "metadata is read as it was given: %j",
    async (note) => {
      const { saver, again } = await open();
      const metadata = { source: "loop" as const, step: 0, parents: {}, note, deep: { [note]: [note] } };
      const at = await saver.put(place, emptyCheckpoint(), metadata, {});
      expect((await again().getTuple(at))?.metadata).toEqual(metadata);
    },
  );

  // Postgres has no JSON with these: MemorySaver takes them, a saver on tables may refuse.
  test.each(["a\u0000b", "a\ud800b"])(
    "a checkpoint refused for its metadata leaves its neighbours readable: %j",
    async (note) => {
      const { saver, again } = await open();
      const parents = {};
      const at = await saver.put(place, emptyCheckpoint(), { source: "loop", step: 0, parents }, {});
      const value = "long ".repeat(100);
      const child = { ...emptyCheckpoint(), channel_values: { x: value }, channel_versions: { x: 1 } };
      await Promise.allSettled([
        saver.putWrites(at, [["x", value]], "task", "~path"),
        saver.put(at, child, { source: "loop", step: 1, parents, note } as CheckpointMetadata, { x: 1 }),
      ]);
      expect((await again().getTuple(at))?.pendingWrites).toEqual([["task", "x", value]]);
    },
  );

  test.each([undefined, "", null])("a checkpoint id of %j stands for the newest", async (checkpoint_id) => {
    const { saver, again } = await open();
    await chain(saver).invoke({ log: [begun] }, run);
    const config = { configurable: { ...thread.configurable, checkpoint_id } };
    expect((await again().getTuple(config))?.checkpoint.id).toBe(
      (await again().getTuple(thread))?.checkpoint.id,
    );
    const all = await historyOf(chain(again()), thread);
    expect(await historyOf(chain(again()), config)).toEqual(all);
    const before: CheckpointTuple[] = [];
    for await (const tuple of again().list(thread, { before: config })) before.push(tuple);
    expect(before).toHaveLength(all.length);
    expect((await chain(again()).invoke({ log: ["more"] }, { ...run, ...config })).log).toHaveLength(6);
  });
}
