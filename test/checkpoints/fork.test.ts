import { Annotation, END, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { eachEngine } from "../support/database.ts";

const State = Annotation.Root({
  log: Annotation<string[]>({ reducer: (left, right) => left.concat(right), default: () => [] }),
});

const graphOn = (checkpointer: MemorySaver | PostgresSaver) =>
  new StateGraph(State)
    .addNode("a", () => ({ log: ["a"] }))
    .addNode("b", () => ({ log: ["b"] }))
    .addNode("c", () => ({ log: ["c"] }))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .addEdge("b", "c")
    .addEdge("c", END)
    .compile({ checkpointer });

const thread = { configurable: { thread_id: "1" } };

async function beforeB(graph: ReturnType<typeof graphOn>) {
  for await (const snapshot of graph.getStateHistory(thread)) {
    if (snapshot.next[0] === "b") return snapshot.config;
  }
  throw new Error("no checkpoint before b");
}

/** Runs to the end, edits the state as it was before b, and runs on from there. */
async function forkBeforeB(graph: ReturnType<typeof graphOn>) {
  await graph.invoke({ log: ["in"] }, thread);
  const fork = await graph.updateState(await beforeB(graph), { log: ["edited"] });
  const edited = await graph.getState(fork);
  const finished = await graph.invoke(null, fork);
  return { edited: edited.values, finished };
}

eachEngine("a fork", (open) => {
  test("keeps its edit, and runs on from it, as in memory", async () => {
    const { saver } = await open();
    const expected = {
      edited: { log: ["in", "a", "edited"] },
      finished: { log: ["in", "a", "edited", "b", "c"] },
    };
    expect(await forkBeforeB(graphOn(new MemorySaver()))).toEqual(expected);
    expect(await forkBeforeB(graphOn(saver))).toEqual(expected);
  });

  test("of a thread that the stock saver began keeps its edit too", async () => {
    const { pool, schema, saver } = await open();
    await graphOn(new PostgresSaver(pool, undefined, { schema })).invoke({ log: ["in"] }, thread);
    const graph = graphOn(saver);
    const fork = await graph.updateState(await beforeB(graph), { log: ["edited"] });
    expect((await graph.invoke(null, fork)).log).toEqual(["in", "a", "edited", "b", "c"]);
    expect((await graph.invoke({ log: ["again"] }, thread)).log).toEqual([
      "in",
      "a",
      "edited",
      "b",
      "c",
      "again",
      "a",
      "b",
      "c",
    ]);
  });
});

describe("a channel version", () => {
  const saver = new FaultlineSaver(Object.create(null));

  test("rises, whatever it rises from, up to two million supersteps", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 ** 21, noNaN: true }), (current) => {
        const next = saver.getNextVersion(current);
        expect(Math.floor(next)).toBe(Math.floor(current) + 1);
        expect(next).toBeGreaterThan(current);
      }),
    );
  });

  test("differs each time it is drawn from the same number", () => {
    const versions = Array.from({ length: 1_000 }, () => saver.getNextVersion(2 ** 20));
    expect(new Set(versions).size).toBe(versions.length);
  });

  test("survives the trip through JSON and Postgres's numeric text", () => {
    for (let current = 0; current < 1_000; current++) {
      const version = saver.getNextVersion(current);
      expect(version.toString()).toBe(JSON.stringify(version));
      expect(version.toString()).not.toContain("e");
    }
  });
});
