/**
 * The order of what parallel tasks wrote: the same when it is read again as it was live. Run it against each
 * checkpointer: `writeOrderSpec(() => …)`.
 */
import { EventEmitter, setMaxListeners } from "node:events";
import {
  Annotation,
  type BaseCheckpointSaver,
  Command,
  DeltaChannel,
  END,
  interrupt,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { type Checkpoint, compareWritesSortKeys, writesSortKey } from "@langchain/langgraph-checkpoint";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { historyOf, type OpenSubject } from "./subject.ts";

const thread = { configurable: { thread_id: "1" } };
const run = { ...thread, durability: "sync" as const };

const joined = (left: string, updates: readonly string[]) => left + updates.join("");

/** Rebuilt from the tasks' writes on each reading: nothing else shows their order so plainly. */
const Delta = Annotation.Root({
  text: () => new DeltaChannel<string, string>(joined, { initialValueFactory: () => "" }),
  items: Annotation<readonly string[], readonly string[]>({
    reducer: (left, right) => left.concat(right),
    default: () => [],
  }),
});

/** Later ones end sooner, so that the order of ending is not that of the paths. */
const late = (i: number, of: number) => new Promise((resolve) => setTimeout(resolve, (of - i) % 5));

const names = ["a", "b", "c", "d", "e"];

/** Five at once, then z. @param checkpointer - None for a subgraph: it uses its parent's. */
const parallel = (checkpointer?: BaseCheckpointSaver, mark = "") => {
  const graph = new StateGraph(Delta).addNode("z", () => ({ text: "z", items: ["z"] }));
  for (const [i, name] of names.entries()) {
    const write = async () => {
      await late(i, names.length);
      return { text: name + mark, items: [name + mark] };
    };
    // Typed by the names that it holds so far, which a loop cannot tell it.
    (graph as unknown as StateGraph<typeof Delta.State, unknown, unknown, string>)
      .addNode(name, write)
      .addEdge(START, name)
      .addEdge(name, "z");
  }
  return graph.addEdge("z", END).compile(checkpointer && { checkpointer });
};

const fanOut = (checkpointer: BaseCheckpointSaver, count: number) =>
  new StateGraph(Delta)
    .addNode("work", async (one: { i: number; text?: string }) => {
      await late(one.i, count);
      return { text: `${one.i},`, items: [String(one.i)] };
    })
    .addConditionalEdges(START, () => Array.from({ length: count }, (_, i) => new Send("work", { i })))
    .compile({ checkpointer });

export function writeOrderSpec(open: OpenSubject): void {
  // LangGraph listens to one signal for each task, and Node warns of more than ten.
  const { defaultMaxListeners } = EventEmitter;
  beforeAll(() => setMaxListeners(50));
  afterAll(() => setMaxListeners(defaultMaxListeners));

  test("parallel branches: what is read again is what was live", async () => {
    const { saver, again } = await open();
    // Task ids are drawn anew on each run; by these, one order in 120 would be right.
    for (let i = 0; i < 5; i++) {
      const config = { configurable: { thread_id: String(i) }, durability: "sync" as const };
      const live = await parallel(saver).invoke({ text: "in" }, config);
      expect(live).toEqual({ text: "inabcdez", items: [...names, "z"] });
      expect((await parallel(again()).getState(config)).values).toEqual(live);
    }
  });

  test("more Sends than there are digits: what is read again is what was live", async () => {
    const { saver, again } = await open();
    const live = await fanOut(saver, 25).invoke({ text: "in" }, run);
    const reread = await fanOut(again(), 25).getState(thread);
    expect(reread.values).toEqual(live);
    const more = await fanOut(again(), 12).invoke({ text: "again" }, run);
    expect((await fanOut(again(), 12).getState(thread)).values).toEqual(more);
    expect(more.text.startsWith(live.text)).toBe(true);
  });

  test("nested subgraphs, inside and out: what is read again is what was live", async () => {
    const { saver, again } = await open();
    const graphOn = (checkpointer: BaseCheckpointSaver) =>
      new StateGraph(Delta)
        .addNode("one", parallel(undefined, "1"))
        .addNode("two", parallel(undefined, "2"))
        .addNode("ask", () => ({ text: String(interrupt("?")) }))
        .addEdge(START, "one")
        .addEdge(START, "two")
        .addEdge(["one", "two"], "ask")
        .compile({ checkpointer });
    await graphOn(saver).invoke({ text: "in" }, run);
    const live = await graphOn(again()).invoke(new Command({ resume: "!" }), run);
    expect(live.text).toBe("inina1b1c1d1e1zina2b2c2d2e2z!");
    expect((await graphOn(again()).getState(thread)).values.text).toBe(live.text);
  });

  test("a fork of a superstep of parallel writers has them in order", async () => {
    const { saver, again } = await open();
    const graph = parallel(saver);
    await graph.invoke({ text: "in" }, run);
    const paused = (await historyOf(graph, thread)).find(({ next }) => next.includes("z"));
    const fork = await parallel(again()).updateState(paused?.config ?? thread, { text: "+" }, "a");
    expect((await parallel(again()).getState(fork)).values.text).toBe("inabcde+");
    expect((await parallel(again()).invoke(null, fork)).text).toBe("inabcde+z");
  });

  test("one of many failed: after the resume the order is that of the paths", async () => {
    const { saver, again } = await open();
    const graphOn = (checkpointer: BaseCheckpointSaver, broken: boolean) =>
      new StateGraph(Delta)
        .addNode("work", async (one: { i: number; text?: string }) => {
          if (broken && one.i === 3) {
            await late(0, 5);
            throw new Error("third");
          }
          return { text: `${one.i},`, items: [String(one.i)] };
        })
        .addConditionalEdges(START, () => Array.from({ length: 13 }, (_, i) => new Send("work", { i })))
        .compile({ checkpointer });
    await expect(graphOn(saver, true).invoke({ text: "" }, run)).rejects.toThrow("third");
    const live = await graphOn(again(), false).invoke(null, run);
    expect((await graphOn(again(), false).getState(thread)).values).toEqual(live);
    expect(live.items).toHaveLength(13);
  });

  describe("pendingWrites", () => {
    test("stand in the order of writesSortKey, whatever order they came in", async () => {
      const { saver, again } = await open();
      const word = fc.oneof(
        fc.constantFrom("", "~__pregel_push, 10, False", "~__pregel_push, 9, False", "~__pregel_pull, a"),
        fc.string({
          unit: fc.constantFrom("a", "B", "_", "-", " ", "~", "é", "\u{ffff}", "😀"),
          maxLength: 4,
        }),
      );
      const calls = fc.uniqueArray(
        fc.record({ path: word, task: fc.uuid(), count: fc.integer({ min: 1, max: 12 }) }),
        {
          selector: ({ task }) => task,
          maxLength: 8,
        },
      );
      let id = 0;
      await fc.assert(
        fc.asyncProperty(calls, async (tasks) => {
          id += 1;
          const config = { configurable: { thread_id: String(id), checkpoint_ns: "" } };
          const at = await saver.put(config, checkpointOf(id), { source: "loop", step: 0, parents: {} }, {});
          await Promise.all(
            tasks.map(({ path, task, count }) => saver.putWrites(at, writesOf(task, count), task, path)),
          );
          const expected = tasks
            .flatMap(({ path, task, count }) =>
              writesOf(task, count).map(([channel, value], idx) => ({
                key: writesSortKey(path, task, idx),
                write: [task, channel, value],
              })),
            )
            .sort((left, right) => compareWritesSortKeys(left.key, right.key))
            .map(({ write }) => write);
          expect((await again().getTuple(at))?.pendingWrites).toEqual(expected);
        }),
        { numRuns: 25 },
      );
    });

    test("a second try of one task keeps what the first has stored, but for its last error", async () => {
      const { saver, again } = await open();
      const config = { configurable: { thread_id: "1", checkpoint_ns: "" } };
      const at = await saver.put(config, checkpointOf(1), { source: "loop", step: 0, parents: {} }, {});
      await saver.putWrites(at, [["a", 1]], "task", "~path");
      await saver.putWrites(at, [["a", 2]], "task", "~path");
      await saver.putWrites(at, [["__error__", "one"]], "task", "~path");
      await saver.putWrites(at, [["__error__", "two"]], "task", "~path");
      expect((await again().getTuple(at))?.pendingWrites).toEqual([
        ["task", "__error__", "two"],
        ["task", "a", 1],
      ]);
    });
  });
}

const writesOf = (task: string, count: number): [string, unknown][] =>
  Array.from({ length: count }, (_, i) => [`channel ${i % 2}`, `${task} ${i}`]);

const checkpointOf = (id: number): Checkpoint => ({
  v: 4,
  id: `1ef4f797-8335-6428-8001-${String(id).padStart(12, "0")}`,
  ts: new Date(0).toISOString(),
  channel_values: {},
  channel_versions: {},
  versions_seen: {},
});
