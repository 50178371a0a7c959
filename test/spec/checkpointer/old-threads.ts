/** Threads that LangGraph's own saver began, gone on with by another on the same tables. `oldThreadsSpec(() => …)`. */
import {
  Annotation,
  type BaseCheckpointSaver,
  Command,
  END,
  interrupt,
  Send,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { expect, test } from "vitest";
import { before, historyOf } from "./subject.ts";

export interface Mixed {
  readonly stock: BaseCheckpointSaver;
  again(): BaseCheckpointSaver;
}

const thread = { configurable: { thread_id: "1" } };
const run = { ...thread, durability: "sync" as const };
/** Long enough that a saver which stores lists by their ends goes on with the old one. */
const begun = "in".padEnd(2_000, ".");

const State = Annotation.Root({
  log: Annotation<readonly string[], readonly string[]>({
    reducer: (left, right) => left.concat(right),
    default: () => [],
  }),
});

const chain = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(State)
    .addNode("a", () => ({ log: ["a"] }))
    .addNode("b", () => ({ log: ["b"] }))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .addEdge("b", END)
    .compile({ checkpointer });

const asking = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(State)
    .addNode("ask", () => ({ log: [`said ${interrupt("?")}`] }))
    .addNode("beside", () => ({ log: ["beside"] }))
    .addEdge(START, "ask")
    .addEdge(START, "beside")
    .compile({ checkpointer });

const sending = (checkpointer: BaseCheckpointSaver, interruptBefore: "work"[]) =>
  new StateGraph(State)
    .addNode("work", ({ n }: { n: number; log?: readonly string[] }) => ({ log: [String(n)] }))
    .addConditionalEdges(START, () => Array.from({ length: 5 }, (_, n) => new Send("work", { n })))
    .compile({ checkpointer, interruptBefore });

export function oldThreadsSpec(open: () => Promise<Mixed>): void {
  test("an old thread has its state and its history", async () => {
    const { stock, again } = await open();
    await chain(stock).invoke({ log: [begun] }, run);
    const old = await historyOf(chain(stock), thread);
    expect(await historyOf(chain(again()), thread)).toEqual(old);
    for (const { config } of old)
      expect(await chain(again()).getState(config)).toEqual(await chain(stock).getState(config));
  });

  test("an old thread goes on, twice, by two savers", async () => {
    const { stock, again } = await open();
    await chain(stock).invoke({ log: [begun] }, run);
    await chain(again()).invoke({ log: ["1"] }, run);
    await chain(again()).invoke({ log: ["2"] }, run);
    const log = [begun, "a", "b", "1", "a", "b", "2", "a", "b"];
    expect((await chain(again()).getState(thread)).values).toEqual({ log });
  });

  test("a fork of an old thread keeps its edit, and the thread goes on from it", async () => {
    const { stock, again } = await open();
    await chain(stock).invoke({ log: [begun] }, run);
    const graph = chain(again());
    const old = await before(graph, thread, "b");
    const fork = await graph.updateState(old.config, { log: ["edited"] });
    expect((await graph.invoke(null, fork)).log).toEqual([begun, "a", "edited", "b"]);
    expect((await chain(again()).getState(old.config)).values.log).toEqual([begun, "a"]);
    const more = await chain(again()).invoke({ log: ["more"] }, run);
    expect(more.log).toEqual([begun, "a", "edited", "b", "more", "a", "b"]);
  });

  test("an old question is answered, and what was done beside it is kept", async () => {
    const { stock, again } = await open();
    await asking(stock).invoke({ log: [begun] }, run);
    expect(
      (await asking(again()).getState(thread)).tasks.flatMap(({ interrupts }) => interrupts),
    ).toMatchObject([{ value: "?" }]);
    const ended = await asking(again()).invoke(new Command({ resume: "yes" }), run);
    expect([...ended.log].sort()).toEqual(["beside", begun, "said yes"].sort());
    expect((await asking(again()).getState(thread)).values).toEqual(ended);
  });

  test("Sends that wait in an old thread are sent, each once and in order", async () => {
    const { stock, again } = await open();
    await sending(stock, ["work"]).invoke({ log: [begun] }, run);
    const ended = await sending(again(), []).invoke(null, run);
    expect(ended.log).toEqual([begun, "0", "1", "2", "3", "4"]);
    expect((await sending(again(), []).getState(thread)).values).toEqual(ended);
  });
}
