/** What must hold of a thread after old checkpoints were taken away. `retentionSpec(() => …)`. */
import {
  Annotation,
  type BaseCheckpointSaver,
  Command,
  DeltaChannel,
  END,
  interrupt,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { type CheckpointTuple, emptyCheckpoint, TASKS, uuid6 } from "@langchain/langgraph-checkpoint";
import { expect, test } from "vitest";
import { before, historyOf } from "./subject.ts";

export interface Prunable {
  readonly saver: BaseCheckpointSaver;
  /** Another saver on the same data. */
  again(): BaseCheckpointSaver;
  /** On a connection that no saver here knows of. */
  prune(keepLast: number): Promise<void>;
}

const thread = { configurable: { thread_id: "1" } };
const run = { ...thread, durability: "sync" as const, recursionLimit: 200 };
/** Long enough that a list with it is stored by its ends. */
const begun = "in".padEnd(2_000, ".");

const State = Annotation.Root({
  log: Annotation<readonly string[], readonly string[]>({
    reducer: (left, right) => left.concat(right),
    default: () => [],
  }),
});

type Node = () => { log: string[] } | Promise<{ log: string[] }>;
const says = (word: string) => () => ({ log: [word] });

const chain = (checkpointer: BaseCheckpointSaver, b: Node = says("b")) =>
  new StateGraph(State)
    .addNode("a", says("a"))
    .addNode("b", b)
    .addNode("c", says("c"))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .addEdge("b", "c")
    .addEdge("c", END)
    .compile({ checkpointer });

/** A subgraph with a history of its own, which counts its runs. */
const seeing = () =>
  new StateGraph(Annotation.Root({ seen: Annotation<number>(), log: State.spec.log }))
    .addNode("count", ({ seen = 0 }) => ({ seen: seen + 1, log: [`seen ${seen}`] }))
    .addEdge(START, "count")
    .compile({ checkpointer: true });

const asks = () => ({ log: [`said ${interrupt("?")}`] });
const askingBuilder = () =>
  new StateGraph(State)
    .addNode("x", says("x"))
    .addNode("ask", asks)
    .addNode("beside", says("beside"))
    .addEdge(START, "x")
    .addEdge("x", "ask")
    .addEdge("x", "beside");

/** A graph that asks in itself, in a subgraph, or in that one's subgraph. */
const askingAt = (depth: number, checkpointer: BaseCheckpointSaver) => {
  let inner = askingBuilder();
  for (let i = 0; i < depth; i++) {
    const child = inner.compile();
    inner = new StateGraph(State)
      .addNode("x", says(`before ${i}`))
      .addNode("ask", child)
      .addEdge(START, "x")
      .addEdge("x", "ask") as unknown as typeof inner;
  }
  return inner.compile({ checkpointer });
};

export async function tuplesOf(saver: BaseCheckpointSaver, thread: string): Promise<CheckpointTuple[]> {
  const tuples: CheckpointTuple[] = [];
  for await (const tuple of saver.list({ configurable: { thread_id: thread } })) tuples.push(tuple);
  return tuples;
}

export const placeOf = ({ config }: CheckpointTuple): string =>
  `${config.configurable?.checkpoint_ns} ${config.configurable?.checkpoint_id}`;

/** What is still there reads as it did. @returns How many checkpoints are. */
async function expectUnchanged(saver: BaseCheckpointSaver, old: readonly CheckpointTuple[]): Promise<number> {
  const now = await tuplesOf(saver, "1");
  const byPlace = new Map(old.map((tuple) => [placeOf(tuple), tuple]));
  for (const tuple of now) expect(tuple).toEqual(byPlace.get(placeOf(tuple)));
  return now.length;
}

export function retentionSpec(open: () => Promise<Prunable>): void {
  test("the last ones stay and read as they did, and so does the history", async () => {
    const { saver, again, prune } = await open();
    for (const word of ["1", "2"]) await chain(saver).invoke({ log: [begun, word] }, run);
    const old = await tuplesOf(again(), "1");
    const history = await historyOf(chain(again()), thread);
    await prune(3);
    expect(await expectUnchanged(again(), old)).toBe(3);
    expect(await historyOf(chain(again()), thread)).toEqual(history.slice(0, 3));
    await prune(3);
    expect(await tuplesOf(again(), "1")).toHaveLength(3);
  });

  test.each([0, 1, 2])("a question %i subgraphs deep is answered by a later process", async (depth) => {
    const { saver, again, prune } = await open();
    const graph = askingAt(depth, saver);
    await graph.invoke({ log: [begun] }, run);
    const [live] = (await graph.getState(thread, { subgraphs: true })).tasks;
    await prune(1);
    const later = askingAt(depth, again());
    expect((await later.getState(thread, { subgraphs: true })).tasks[0]).toEqual(live);
    const ended = await later.invoke(new Command({ resume: "yes" }), run);
    // "beside", which was done when the question was asked, is not done again nor forgotten.
    for (const word of ["said yes", "beside"]) expect(ended.log.filter((w) => w === word)).toHaveLength(1);
    await prune(1);
    expect((await askingAt(depth, again()).getState(thread)).values).toEqual(ended);
  });

  test("a question asked in a branch that is not the newest is still answered there", async () => {
    const { saver, again, prune } = await open();
    const graph = askingAt(0, saver);
    await graph.invoke({ log: [begun] }, run);
    const paused = await graph.getState(thread);
    await graph.updateState((await before(graph, thread, "x")).config, { log: ["edited"] });
    await prune(1);
    const answered = await askingAt(0, again()).invoke(new Command({ resume: "yes" }), {
      ...paused.config,
      durability: "sync",
    });
    expect(answered.log).toContain("said yes");
  });

  test("each branch keeps its last ones, however many another one has", async () => {
    const { saver, again, prune } = await open();
    const graph = chain(saver);
    await graph.invoke({ log: [begun] }, run);
    const end = await graph.getState(thread);
    const fork = await graph.updateState((await before(graph, thread, "b")).config, { log: ["edited"] });
    await graph.invoke(null, { ...fork, durability: "sync" });
    for (const word of ["1", "2"]) await graph.invoke({ log: [word] }, run);
    const old = await tuplesOf(again(), "1");
    await prune(2);
    expect(await expectUnchanged(again(), old)).toBe(4);
    const left = await chain(again()).getState(end.config);
    expect(left).toEqual(end);
    // The branch goes on from where it ended.
    const more = await chain(again()).updateState(end.config, { log: ["more"] }, "c");
    expect((await chain(again()).getState(more)).values.log).toEqual([begun, "a", "b", "c", "more"]);
  });

  test("what a fork's parent was written stays, although the branch that took it up has moved on", async () => {
    const { saver, again, prune } = await open();
    const Text = Annotation.Root({ text: Annotation<string>() });
    const write = (word: string) => () => ({ text: word.padEnd(600, ".") });
    const graph = new StateGraph(Text)
      .addNode("a", write("a"))
      .addNode("b", write("b"))
      .addNode("c", write("c"))
      .addNode("d", write("d"))
      .addEdge(START, "a")
      .addEdge("a", "b")
      .addEdge("b", "c")
      .addEdge("c", "d")
      .compile({ checkpointer: saver });
    await graph.invoke({ text: "in" }, run);
    await graph.updateState((await before(graph, thread, "b")).config, { text: "edited" });
    const old = await tuplesOf(again(), "1");
    await prune(2);
    expect(await expectUnchanged(again(), old)).toBe(4);
  });

  test("a thread that is pruned between two supersteps goes on with its lists whole", async () => {
    const { saver, again, prune } = await open();
    const graph = chain(saver, async () => {
      await prune(1);
      return { log: ["b"] };
    });
    for (const word of ["1", "2", "3"]) {
      const live = await graph.invoke({ log: [begun, word] }, run);
      expect((await chain(again()).getState(thread)).values).toEqual(live);
    }
    await prune(2);
    const live = await graph.invoke({ log: ["end"] }, run);
    for (const { values } of await historyOf(chain(again()), thread)) {
      expect(values.log).toEqual(live.log.slice(0, values.log?.length));
    }
  });

  test("what a subgraph left behind goes with the superstep in which it ran", async () => {
    const { saver, again, prune } = await open();
    const child = new StateGraph(State).addNode("in", says("in")).addEdge(START, "in").compile();
    const graph = new StateGraph(State)
      .addNode("child", child)
      .addEdge(START, "child")
      .compile({ checkpointer: saver });
    for (const word of ["1", "2", "3", "4"]) await graph.invoke({ log: [word] }, run);
    const namespaces = async () =>
      new Set((await tuplesOf(again(), "1")).map(({ config }) => config.configurable?.checkpoint_ns));
    const all = (await namespaces()).size;
    await prune(2);
    expect([all, (await namespaces()).size]).toEqual([5, 2]);
  });

  test("a subgraph with a history of its own goes on with it, and is replayed with what it had", async () => {
    const { saver, again, prune } = await open();
    const graphOn = (checkpointer: BaseCheckpointSaver) => {
      return new StateGraph(State)
        .addNode("child", seeing())
        .addNode("after", says("after"))
        .addEdge(START, "child")
        .addEdge("child", "after")
        .compile({ checkpointer });
    };
    const graph = graphOn(saver);
    for (const word of ["1", "2"]) await graph.invoke({ log: [word] }, run);
    const old = await before(graph, thread, "child");
    // Once as far back as the replay, and then only the newest.
    await prune(3);
    const replayed = await graphOn(again()).invoke(null, { ...old.config, durability: "sync" });
    expect(replayed.log.slice(-2)).toEqual(["seen 1", "after"]);
    await prune(1);
    const next = await graphOn(again()).invoke({ log: ["3"] }, run);
    expect(next.log.slice(-2)).toEqual(["seen 2", "after"]);
  });

  test.each([1, 2])(
    "an edit goes on with what its subgraph had where it left (keep %i)",
    async (keepLast) => {
      const { saver, again, prune } = await open();
      const graphOn = (checkpointer: BaseCheckpointSaver) =>
        new StateGraph(State).addNode("child", seeing()).addEdge(START, "child").compile({ checkpointer });
      const graph = graphOn(saver);
      await graph.invoke({ log: ["1"] }, run);
      await graph.invoke({ log: ["2"] }, run);
      const second = await before(graph, thread, "child");
      for (const word of ["3", "4"]) await graph.invoke({ log: [word] }, run);
      // LangGraph replays an edit from before what was edited.
      const edit = await graph.updateState(second.config, { log: ["edited"] });
      await prune(keepLast);
      const replayed = await graphOn(again()).invoke(null, { ...edit, durability: "sync" });
      expect(replayed.log.at(-1)).toBe("seen 1");
    },
  );

  test("a channel that LangGraph rebuilds from earlier writes keeps these", async () => {
    const { saver, again, prune } = await open();
    const graphOn = (checkpointer: BaseCheckpointSaver) =>
      new StateGraph(
        Annotation.Root({
          log: () =>
            new DeltaChannel<string[], string[]>((left, writes) => left.concat(...writes), {
              snapshotFrequency: 5,
            }),
          n: Annotation<number>(),
        }),
      )
        .addNode("a", ({ n }) => ({ n: n + 1, log: [`a${n}`] }))
        .addEdge(START, "a")
        .addConditionalEdges("a", ({ n }) => (n % 13 === 0 ? END : "a"))
        .compile({ checkpointer });
    await graphOn(saver).invoke({ n: 0 }, run);
    const history = await historyOf(graphOn(again()), thread);
    await prune(2);
    const kept = await historyOf(graphOn(again()), thread);
    expect(kept.length).toBeLessThan(history.length);
    for (const [i, { values }] of kept.entries()) expect(values).toEqual(history[i]?.values);
    const next = await graphOn(again()).invoke({ n: 13 }, run);
    expect((await graphOn(again()).getState(thread)).values).toEqual(next);
  });

  test("Sends that an old checkpoint has with its parent stay", async () => {
    const { saver, again, prune } = await open();
    let config: object = { configurable: { thread_id: "1", checkpoint_ns: "" } };
    for (let step = 0; step < 4; step++) {
      const checkpoint = { ...emptyCheckpoint(), v: 3, id: uuid6(step), channel_versions: { none: 1 } };
      config = await saver.put(config, checkpoint, { source: "loop", step, parents: {} }, {});
      if (step === 2) await saver.putWrites(config, [[TASKS, "sent"]], "task");
    }
    const old = await tuplesOf(again(), "1");
    expect(old[0]?.checkpoint.channel_values[TASKS]).toEqual(["sent"]);
    await prune(1);
    expect(await expectUnchanged(again(), old)).toBe(2);
  });
}
