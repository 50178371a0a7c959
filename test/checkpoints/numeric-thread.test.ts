/** A caller may name a thread by a number, and LangGraph hands it on as it is: it is the thread of that text. */
import {
  Annotation,
  type BaseCheckpointSaver,
  type LangGraphRunnableConfig,
  StateGraph,
} from "@langchain/langgraph";
import { expect, test } from "vitest";
import { parseKeys } from "#checkpoints/encryption.ts";
import { isLeaseHeldError } from "#checkpoints/index.ts";
import { createLeases } from "#checkpoints/leases.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { effects } from "#src/recovery/index.ts";
import { eachEngine } from "../support/database.ts";

const State = Annotation.Root({
  log: Annotation<readonly string[], readonly string[]>({
    reducer: (left, right) => left.concat(right),
    default: () => [],
  }),
});

type Node = (state: object, runtime: LangGraphRunnableConfig) => Promise<{ log: string[] }>;

const graphOn = (checkpointer: BaseCheckpointSaver, a: Node = async () => ({ log: ["a"] })) =>
  new StateGraph(State)
    .addNode("a", a)
    .addNode("b", () => ({ log: ["b"] }))
    .addEdge("__start__", "a")
    .addEdge("a", "b")
    .compile({ checkpointer });

const on = (thread_id: unknown) => ({ configurable: { thread_id }, durability: "sync" as const });
const begun = "in".padEnd(2_000, ".");

eachEngine("a thread named by a number", (open) => {
  test.each([
    ["legible", undefined],
    ["sealed", parseKeys(Buffer.alloc(32, 1).toString("base64"))],
  ])("is that of its text, written and read: %s", async (_, keys) => {
    const { pool, schema } = await open();
    const saver = () => new FaultlineSaver(pool, undefined, { schema, keys });
    await graphOn(saver()).invoke({ log: [begun] }, on(77));
    const log = [begun, "a", "b"];
    for (const thread of [77, "77"])
      expect((await graphOn(saver()).getState(on(thread))).values).toEqual({ log });
    expect((await graphOn(saver()).invoke({ log: ["more"] }, on("77"))).log).toEqual([
      ...log,
      "more",
      "a",
      "b",
    ]);
    await saver().deleteThread(77 as never);
    expect(await saver().getTuple(on("77"))).toBeUndefined();
  });

  test("is refused, and not run to its end with nothing stored, while another process runs it", async () => {
    const { saver, pool, schema } = await open();
    await createLeases(pool, schema, 30_000).hold("77", async () => {
      await expect(graphOn(saver).invoke({ log: [] }, on(77))).rejects.toSatisfy(isLeaseHeldError);
    });
    expect(await saver.getTuple(on(77))).toBeUndefined();
  });

  test("makes its effects under the lease of its text", async () => {
    const { saver, ledger, leases } = await open();
    const { once } = effects(ledger);
    const graph = graphOn(saver, async (_, runtime) => ({
      log: [await once(runtime, "pay", null, async () => "paid")],
    }));
    const { log } = await leases.hold("77", () => graph.invoke({ log: [] }, on(77)));
    expect(log).toEqual(["paid", "b"]);
    expect(await ledger.entries("77")).toMatchObject([{ thread: "77", status: "done" }]);
  });

  test("is listed alone, also when the number is 0", async () => {
    const { saver } = await open();
    for (const thread of [0, "other"]) await graphOn(saver).invoke({ log: [] }, on(thread));
    const threads = new Set<unknown>();
    for await (const { config } of saver.list(on(0))) threads.add(config.configurable?.thread_id);
    expect([...threads]).toEqual(["0"]);
  });

  test.each([[undefined], [null], [{ id: 7 }], [Number.NaN]])(
    "is no %j: refused in one clear line",
    async (thread) => {
      const { saver } = await open();
      await expect(graphOn(saver).invoke({ log: [] }, on(thread))).rejects.toThrow(
        /^[^\n]*thread_id[^\n]*text[^\n]*$/,
      );
    },
  );
});
