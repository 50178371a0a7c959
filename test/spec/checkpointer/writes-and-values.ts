/**
 * A value that is written by a task and again as its channel's: both are read as they were. `writesAndValuesSpec(() => …)`.
 *
 * For savers that store the two once. Each channel here is one that such a saver could take for the other.
 */
import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";
import { emptyCheckpoint, type PendingWrite } from "@langchain/langgraph-checkpoint";
import { expect, test } from "vitest";
import { historyOf, type OpenSubject } from "./subject.ts";

const thread = { configurable: { thread_id: "1" } };
const run = { ...thread, durability: "sync" as const };

interface Case {
  readonly write: () => unknown;
  readonly reduce: (left: unknown, update: never) => unknown;
}

const numbers = () => Array.from({ length: 200 }, (_, i) => i);
const text = () => "long ".repeat(100);

const cases: Record<string, Case> = {
  "taken as it is": { write: text, reduce: (_, update) => update },
  "a list of the one that was written": { write: text, reduce: (_, update) => [update] },
  "a list of the one list that was written": { write: numbers, reduce: (_, update) => [update] },
  "the text of what was written": { write: numbers, reduce: (_, update) => JSON.stringify(update) },
  "the number of a text of digits": { write: () => "7".repeat(200), reduce: (_, update) => [Number(update)] },
  "a list of the text of what was written": {
    write: numbers,
    reduce: (_, update) => [JSON.stringify(update)],
  },
  "a list that the reducer edits in place": {
    write: numbers,
    reduce: (_, update: number[]) => update.reverse(),
  },
};

const bytes = () => Uint8Array.from({ length: 300 }, (_, i) => i % 7);

const bytesCases: Record<string, Case> = {
  "bytes taken as they are": { write: bytes, reduce: (_, update) => update },
  "bytes in a frame": { write: bytes, reduce: (_, update: Uint8Array) => Uint8Array.from([1, ...update, 2]) },
  "bytes in a list": { write: bytes, reduce: (_, update) => [update] },
  "bytes that the reducer edits in place": {
    write: bytes,
    reduce: (_, update: Uint8Array) => update.fill(9, 0, 10),
  },
};

export function writesAndValuesSpec(open: OpenSubject): void {
  casesSpec(open, cases);

  // A batch is what is asked for at one moment.
  test.each(["in one call", "at one moment", "one after the other"])(
    "an interrupt that a task writes twice, %s, becomes the last; a value stays the first",
    async (when) => {
      const { saver, again } = await open();
      const place = { configurable: { thread_id: "1", checkpoint_ns: "" } };
      const checkpoint = emptyCheckpoint();
      const at = { configurable: { ...place.configurable, checkpoint_id: checkpoint.id } };
      await saver.put(place, checkpoint, { source: "loop", step: 0, parents: {} }, {});
      const [first, last] = ["first", "last"].map((value): PendingWrite[] => [
        ["value", value],
        ["__interrupt__", value],
      ]) as [PendingWrite[], PendingWrite[]];
      const write = (writes: PendingWrite[]) => saver.putWrites(at, writes, "task");
      if (when === "in one call") await write([...first, ...last.slice(1)]);
      else if (when === "at one moment") await Promise.all([write(first), write(last)]);
      else for (const writes of [first, last]) await write(writes);
      const found = await again().getTuple(at);
      expect(found?.pendingWrites?.map(([, channel, value]) => [channel, value]).sort()).toEqual([
        ["__interrupt__", "last"],
        ["value", "first"],
      ]);
    },
  );
}

/** Not for MemorySaver, which cannot read the bytes that a task wrote: it takes them for JSON. */
export function bytesSpec(open: OpenSubject): void {
  casesSpec(open, bytesCases);

  test("bytes that are changed once they were given are stored as they were given", async () => {
    const { saver, again } = await open();
    const place = { configurable: { thread_id: "1", checkpoint_ns: "" } };
    const [value, write] = [bytes(), bytes()];
    const checkpoint = { ...emptyCheckpoint(), channel_values: { value }, channel_versions: { value: 1 } };
    const at = { configurable: { ...place.configurable, checkpoint_id: checkpoint.id } };
    const stored = Promise.all([
      saver.put(place, checkpoint, { source: "loop", step: 0, parents: {} }, { value: 1 }),
      saver.putWrites(at, [["value", write]], "task"),
    ]);
    value.fill(9);
    write.fill(9);
    await stored;
    const found = await again().getTuple(at);
    expect(plain(found?.checkpoint.channel_values.value)).toEqual(plain(bytes()));
    expect(plain(found?.pendingWrites)).toEqual([["task", "value", plain(bytes())]]);
  });

  test("bytes that were read again can be put into a list, and hold no memory but their own", async () => {
    const { saver, again } = await open();
    const State = Annotation.Root({ file: Annotation<Uint8Array>, list: Annotation<readonly Uint8Array[]> });
    const read: Uint8Array[] = [];
    const graphOn = (checkpointer: BaseCheckpointSaver) =>
      new StateGraph(State)
        .addNode("wrap", ({ file }) => {
          read.push(file);
          return { list: [file] };
        })
        .addEdge(START, "wrap")
        .compile({ checkpointer, interruptBefore: ["wrap"] });
    await graphOn(saver).invoke({ file: bytes() }, run);
    await graphOn(again()).invoke(null, run);
    expect(read).toStrictEqual([bytes()]);
    expect(read[0]?.buffer.byteLength).toBe(300);
    expect((await graphOn(again()).getState(thread)).values).toStrictEqual({
      file: bytes(),
      list: [bytes()],
    });
  });
}

function casesSpec(open: OpenSubject, cases: Record<string, Case>): void {
  test.each(Object.entries(cases))("a value that is %s", async (_, { write, reduce }) => {
    const { saver, again } = await open();
    const graphOn = (checkpointer: BaseCheckpointSaver) =>
      new StateGraph(
        Annotation.Root({
          value: Annotation<unknown, unknown>({
            reducer: (left, update) => (update === null ? null : reduce(left, update as never)),
          }),
        }),
      )
        .addNode("first", () => ({ value: null }))
        .addNode("work", () => ({ value: write() }))
        .addEdge(START, "first")
        .addEdge("first", "work")
        .addEdge("work", END)
        .compile({ checkpointer });
    const live = await graphOn(saver).invoke({ value: null }, run);
    expect(plain((await graphOn(again()).getState(thread)).values)).toEqual(plain(live));
    const [, before] = await historyOf(graphOn(again()), thread);
    const written = (await again().getTuple(before?.config ?? thread))?.pendingWrites;
    expect(plain(written)).toContainEqual([expect.any(String), "value", plain(write())]);
  });
}

/** Bytes as numbers, whatever holds them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
