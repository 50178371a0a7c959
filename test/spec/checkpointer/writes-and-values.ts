/**
 * A value that is written by a task and again as its channel's: both are read as they were. `writesAndValuesSpec(() => …)`.
 *
 * For savers that store the two once. Each channel here is one that such a saver could take for the other.
 */
import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";
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
};

export function writesAndValuesSpec(open: OpenSubject): void {
  casesSpec(open, cases);
}

/** Not for MemorySaver, which cannot read the bytes that a task wrote: it takes them for JSON. */
export function bytesSpec(open: OpenSubject): void {
  casesSpec(open, bytesCases);
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
