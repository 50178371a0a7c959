/** What is stored of a list that grows: as much as was added, however long it is. `growthSpec(() => …)`. */
import { randomBytes } from "node:crypto";
import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";

export interface Stored {
  readonly saver: BaseCheckpointSaver;
  /** Of all tables, indexes too, in bytes. */
  size(): Promise<number>;
}

/** 1 kB that does not compress. */
const kilobyte = () => randomBytes(500).toString("hex");
const appends = 200;

const graphOn = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(
    Annotation.Root({
      list: Annotation<readonly string[], readonly string[]>({
        reducer: (left, right) => left.concat(right),
        default: () => [],
      }),
    }),
  )
    .addNode("append", () => ({ list: [kilobyte()] }))
    .addEdge(START, "append")
    .addConditionalEdges("append", ({ list }) => (list.length % appends === 0 ? END : "append"))
    .compile({ checkpointer });

export function growthSpec(open: () => Promise<Stored>): void {
  // Under "sync" a write and the checkpoint that takes it up share a batch, and what was written is stored once.
  test.each([
    ["sync", 3_500],
    ["async", 4_000],
  ] as const)(
    "the second 200 appends store no more than the first, %s, and each at most %i bytes",
    async (durability, most) => {
      const { saver, size } = await open();
      const config = { configurable: { thread_id: "1" }, durability, recursionLimit: appends + 1 };
      const sizes = [await size()];
      for (let i = 0; i < 2; i++) {
        await graphOn(saver).invoke({ list: [] }, config);
        sizes.push(await size());
      }
      const [empty = 0, first = 0, second = 0] = sizes;
      expect((second - first) / (first - empty)).toBeLessThan(1.2);
      expect(second - first).toBeLessThan(appends * most);
    },
    60_000,
  );
}
