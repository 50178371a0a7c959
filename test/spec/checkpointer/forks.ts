/** Forks and time travel, as every checkpointer must serve them: `forksSpec(() => …)` in a describe of one's own. */
import {
  Annotation,
  type BaseCheckpointSaver,
  Command,
  END,
  interrupt,
  MemorySaver,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { before, historyOf, type OpenSubject, shapeOf } from "./subject.ts";

/** An update that is a list is appended; { set } replaces all. */
type Update = readonly string[] | { readonly set: readonly string[] };
const State = Annotation.Root({
  log: Annotation<readonly string[], Update>({
    reducer: (left, update) => ("set" in update ? update.set : left.concat(update)),
    default: () => [],
  }),
});

const chain = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(State)
    .addNode("a", () => ({ log: ["a"] }))
    .addNode("b", () => ({ log: ["b"] }))
    .addNode("c", () => ({ log: ["c"] }))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .addEdge("b", "c")
    .addEdge("c", END)
    .compile({ checkpointer });

const asking = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(State)
    .addNode("a", () => ({ log: ["a"] }))
    .addNode("ask", ({ log }) => ({ log: [`said ${interrupt(log.length)}`] }))
    .addEdge(START, "a")
    .addEdge("a", "ask")
    .addEdge("ask", END)
    .compile({ checkpointer });

/** Long, so that a saver that stores lists by their ends does so here. */
const begun = "in".padEnd(2_000, ".");

const thread = { configurable: { thread_id: "1" } };
const run = { ...thread, durability: "sync" as const };

export function forksSpec(open: OpenSubject): void {
  test("a fork keeps its edit and runs on from it", async () => {
    const graph = chain((await open()).saver);
    await graph.invoke({ log: [begun] }, run);
    const fork = await graph.updateState((await before(graph, thread, "b")).config, { log: ["edited"] });
    expect((await graph.getState(fork)).values.log).toEqual([begun, "a", "edited"]);
    expect((await graph.invoke(null, fork)).log).toEqual([begun, "a", "edited", "b", "c"]);
    expect((await graph.invoke({ log: ["more"] }, run)).log).toEqual([
      begun,
      "a",
      "edited",
      "b",
      "c",
      "more",
      "a",
      "b",
      "c",
    ]);
  });

  test("a fork leaves the history that it left as it was", async () => {
    const graph = chain((await open()).saver);
    await graph.invoke({ log: [begun] }, run);
    const old = await historyOf(graph, thread);
    await graph.invoke(
      null,
      await graph.updateState((await before(graph, thread, "b")).config, { log: ["edited"] }),
    );
    for (const { config, values } of old) expect((await graph.getState(config)).values).toEqual(values);
    expect((await historyOf(graph, thread)).slice(-old.length)).toEqual(old);
  });

  test("a fork's history is the one that it has in memory", async () => {
    const histories = [];
    for (const saver of [(await open()).saver, new MemorySaver()]) {
      const graph = chain(saver);
      await graph.invoke({ log: [begun] }, run);
      const fork = await graph.updateState(
        (await before(graph, thread, "c")).config,
        { log: ["edited"] },
        "a",
      );
      await graph.invoke(null, fork);
      histories.push(shapeOf(await historyOf(graph, thread)));
    }
    expect(histories[0]).toEqual(histories[1]);
  });

  test.each<[string, readonly string[]]>([
    ["shortens", [begun]],
    ["reorders", ["a", begun]],
    ["replaces", ["other", "list"]],
    ["empties", []],
    ["repeats", [begun, begun, "a", "a"]],
  ])("an edit that %s a list holds in its fork alone", async (_, set) => {
    const graph = chain((await open()).saver);
    await graph.invoke({ log: [begun] }, run);
    const old = await before(graph, thread, "b");
    const fork = await graph.updateState(old.config, { log: { set } });
    expect((await graph.invoke(null, fork)).log).toEqual([...set, "b", "c"]);
    expect((await graph.getState(old.config)).values.log).toEqual([begun, "a"]);
  });

  test("two forks of one checkpoint, made at once, do not see each other's edits", async () => {
    const graph = chain((await open()).saver);
    await graph.invoke({ log: [begun] }, run);
    const { config } = await before(graph, thread, "b");
    const edits = ["left", "right"];
    const forks = await Promise.all(edits.map((edit) => graph.updateState(config, { log: [edit] })));
    const ended = [];
    for (const fork of forks) ended.push((await graph.invoke(null, fork)).log);
    expect(ended).toEqual(edits.map((edit) => [begun, "a", edit, "b", "c"]));
    for (const [i, fork] of forks.entries())
      expect((await graph.getState(fork)).values.log).toEqual([begun, "a", edits[i]]);
  });

  test("a fork of a fork keeps both edits", async () => {
    const graph = chain((await open()).saver);
    await graph.invoke({ log: [begun] }, run);
    await graph.invoke(
      null,
      await graph.updateState((await before(graph, thread, "b")).config, { log: ["one"] }),
    );
    await graph.invoke(
      null,
      await graph.updateState((await before(graph, thread, "c")).config, { log: ["two"] }),
    );
    expect((await graph.getState(thread)).values.log).toEqual([begun, "a", "one", "b", "two", "c"]);
  });

  test("a replay from an old checkpoint runs what came after it again", async () => {
    const graph = chain((await open()).saver);
    await graph.invoke({ log: [begun] }, run);
    const old = await before(graph, thread, "b");
    for (let i = 0; i < 2; i++)
      expect((await graph.invoke(null, old.config)).log).toEqual([begun, "a", "b", "c"]);
    expect((await graph.getState(old.config)).values.log).toEqual([begun, "a"]);
  });

  test("two processes in turns on one thread, one of them behind, lose nothing", async () => {
    const { saver, again } = await open();
    const [one, other] = [chain(saver), chain(again())];
    await one.invoke({ log: ["1"] }, run);
    await other.invoke({ log: ["2"] }, run);
    await one.invoke({ log: ["3"] }, run);
    const fork = await other.updateState((await before(other, thread, "c")).config, { log: ["edited"] });
    expect((await one.invoke(null, fork)).log).toEqual([
      ...["1", "a", "b", "c", "2", "a", "b", "c", "3", "a", "b", "edited", "c"],
    ]);
    await other.invoke({ log: { set: [] } }, run);
    expect((await one.getState(thread)).values.log).toEqual(["a", "b", "c"]);
  });

  describe("and a human in the loop", () => {
    test("a fork of a paused thread asks again, and both answers stand", async () => {
      const { saver, again } = await open();
      const graph = asking(saver);
      await graph.invoke({ log: [begun] }, run);
      const paused = await graph.getState(thread);
      expect(await graph.invoke(new Command({ resume: "yes" }), run)).toMatchObject({
        log: [begun, "a", "said yes"],
      });

      const elsewhere = asking(again());
      const fork = await elsewhere.updateState(paused.config, { log: ["edited"] }, "a");
      expect(await elsewhere.invoke(null, fork)).toMatchObject({ __interrupt__: [{ value: 3 }] });
      expect(await asking(again()).invoke(new Command({ resume: "no" }), run)).toMatchObject({
        log: [begun, "a", "edited", "said no"],
      });
    });

    test("a replay from before the question asks it again and takes another answer", async () => {
      const { saver, again } = await open();
      await asking(saver).invoke({ log: [begun] }, run);
      await asking(saver).invoke(new Command({ resume: "yes" }), run);
      const graph = asking(again());
      const old = await before(graph, thread, "a");
      expect(await graph.invoke(null, old.config)).toMatchObject({ __interrupt__: [{ value: 2 }] });
      expect((await graph.invoke(new Command({ resume: "no" }), run)).log).toEqual([begun, "a", "said no"]);
    });
  });

  test("a fork inside a subgraph keeps its edit", async () => {
    const { saver, again } = await open();
    const child = new StateGraph(State)
      .addNode("x", () => ({ log: ["x"] }))
      .addNode("ask", () => ({ log: [`said ${interrupt("?")}`] }))
      .addEdge(START, "x")
      .addEdge("x", "ask")
      .compile();
    const graphOn = (checkpointer: BaseCheckpointSaver) =>
      new StateGraph(State).addNode("child", child).addEdge(START, "child").compile({ checkpointer });
    const graph = graphOn(saver);
    await graph.invoke({ log: [begun] }, run);
    const [task] = (await graph.getState(thread, { subgraphs: true })).tasks;
    const inner = task?.state as Awaited<ReturnType<typeof graph.getState>>;
    expect(inner.values.log).toEqual([begun, "x"]);
    const fork = await graph.updateState(inner.config, { log: { set: ["edited"] } });
    expect((await graph.getState(fork)).values.log).toEqual(["edited"]);
    const ended = await graphOn(again()).invoke(new Command({ resume: "yes" }), run);
    expect(ended.log).toEqual([begun, "edited", "said yes"]);
  });
}
