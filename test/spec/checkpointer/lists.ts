/**
 * Lists, whatever is done to them: what is read again is what was live. Run it against each checkpointer:
 * `listsSpec(() => …)`.
 */
import {
  Annotation,
  type BaseCheckpointSaver,
  END,
  MemorySaver,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { historyOf, type OpenSubject } from "./subject.ts";

const thread = { configurable: { thread_id: "1" } };
const run = { ...thread, durability: "sync" as const, recursionLimit: 100 };

/** Long enough that a saver which stores lists by their ends does so. */
const long = (name: string) => `${name} ${"x".repeat(400)}`;
const items = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: i, text: long("item"), tags: [i] }));

type Edit = (value: unknown) => unknown;

/** A graph with one channel, of anything, on which the edits are done one a superstep by the channel's reducer. */
const editing = (checkpointer: BaseCheckpointSaver, edits: readonly Edit[]) =>
  new StateGraph(
    Annotation.Root({
      list: Annotation<unknown, Edit | { first: unknown }>({
        // A function cannot be stored: the update is the edit's number.
        reducer: (value, update) =>
          typeof update === "number" ? edits[update]?.(value) : (update as { first: unknown }).first,
        default: () => null,
      }),
      step: Annotation<number>,
    }),
  )
    .addNode("edit", ({ step = 0 }) => ({ list: step as never, step: step + 1 }))
    .addEdge(START, "edit")
    .addConditionalEdges("edit", ({ step }) => (step < edits.length ? "edit" : END))
    .compile({ checkpointer });

const asList = (value: unknown) => value as { id: number; text: string; tags: number[] }[];
const push: Edit = (value) => {
  asList(value).push(...items(1));
  return value;
};

/** Named after what is done; each begins with eight items. */
const cases: Record<string, Edit[]> = {
  "appended to": [(value) => [...asList(value), ...items(2)], (value) => [...asList(value), ...items(1)]],
  "pushed into, and returned itself": [push, push, push],
  "grown by 200,000 elements in one superstep": [
    (value) => asList(value).concat(Array.from({ length: 200_000 }, (_, i) => i as never)),
    push,
  ],
  "trimmed at its beginning, then appended to": [(value) => asList(value).slice(2), push],
  "trimmed at its end, then appended to": [(value) => asList(value).slice(0, -2), push],
  "kept to its last eight": Array<Edit>(4).fill((value) => [...asList(value), ...items(1)].slice(-8)),
  replaced: [() => items(9).reverse(), push, () => items(3)],
  reordered: [(value) => asList(value).toReversed(), push, (value) => asList(value).reverse(), push],
  "emptied, then filled": [() => [], push, () => items(9), (value) => asList(value).splice(0) && value, push],
  "set to null, then to a list": [() => null, () => items(9), push, push],
  // A channel without a value takes the next update as it is, here the edit's number.
  "set to undefined, then to a list": [() => undefined, () => "not run", () => items(8), push],
  "made an object, then a list": [(value) => ({ was: value }), () => items(9), push],
  "made a text, then a list": [() => long("text"), () => items(8), push],
  "edited in an element": [
    push,
    (value) => {
      for (const one of asList(value).slice(0, 1)) one.text = long("edited");
      return value;
    },
    push,
  ],
  "edited deep in an element, and appended to": [
    push,
    (value) => {
      asList(value)[3]?.tags.push(99);
      return push(value);
    },
    push,
  ],
  "given a field, then rid of it": [
    (value) => {
      Object.assign(asList(value)[0] ?? {}, { extra: undefined });
      return push(value);
    },
    (value) => {
      delete (asList(value)[0] as { extra?: undefined }).extra;
      return push(value);
    },
  ],
  "given fields in another order": [
    (value) => {
      const { id = 0, text = "", tags = [] } = asList(value)[0] ?? {};
      asList(value)[0] = Object.fromEntries(Object.entries({ tags, text, id })) as (typeof tags &
        never)[number];
      return push(value);
    },
  ],
  "set to the same again": [(value) => value, (value) => structuredClone(value), push],
  "given holes": [
    (value) => [...asList(value), [1, 2]],
    (value) => {
      const inner = (value as number[][]).at(-1);
      if (inner !== undefined) inner.length = 0;
      return push(value);
    },
    (value) => [...asList(value), []],
    (value) => {
      const inner = (value as number[][]).at(-1);
      if (inner !== undefined) inner.length = 3;
      return push(value);
    },
  ],
  "pointed back at by an element": [
    (value) => {
      (value as unknown[]).push({ all: value });
      return value;
    },
    push,
  ],
};

const odd: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  2 ** 53,
  "",
  "\u0000",
  "\ud800 alone, \udc00 too",
  "e\u0301 \u{1f600} \u202e \u2028",
  "x".repeat(100_000),
  [],
  [[], [[undefined]], [null, [Number.NaN]]],
  {},
  { undefined: undefined, null: null, "": "empty", "\u0000": 1 },
  new Map<unknown, unknown>([
    ["key", new Set([1])],
    [undefined, [undefined]],
  ]),
  new Set([[1], new Map()]),
  new Date(0),
  new Uint8Array([0, 255]),
  /re/giu,
  new Error("kept"),
  { lc: 2, type: "undefined" },
  { lc: 2, type: "constructor", id: ["Set"], method: null, args: [[1]], kwargs: {} },
  { toJSON: () => "by toJSON" },
  Object.assign([1, 2], { extra: 3 }),
];

export function listsSpec(open: OpenSubject): void {
  const check = async (edits: readonly Edit[], first: () => unknown) => {
    const { saver, again } = await open();
    const live = await editing(saver, edits).invoke({ list: { first: first() } }, run);
    const memory = editing(new MemorySaver(), edits);
    await memory.invoke({ list: { first: first() } }, run);
    const [reread, expected] = await Promise.all(
      [editing(again(), edits), memory].map((graph) => historyOf(graph, thread)),
    );
    expect(reread?.map(({ values }) => values)).toStrictEqual(expected?.map(({ values }) => values));
    return { live, reread };
  };

  describe("a list", () => {
    test.each(Object.entries(cases))("%s", async (_, edits) => {
      const { live, reread } = await check(edits, () => items(8));
      expect(reread?.[0]?.values.step).toBe(live.step);
    });

    test.each(odd.map((value) => [typeof value, value]))("with an odd element, %s %j", async (_, value) => {
      await check(
        [(list) => [...(list as unknown[]), value], push, (list) => [value, ...(list as unknown[])]],
        () => items(8),
      );
    });

    test("edited by a node, in the state that it was given", async () => {
      const { saver, again } = await open();
      const State = Annotation.Root({
        list: Annotation<{ n: number; text: string }[]>({
          reducer: (left, right) => left.concat(right),
          default: () => [],
        }),
      });
      const graphOn = (checkpointer: BaseCheckpointSaver) =>
        new StateGraph(State)
          .addNode("edit", ({ list }) => {
            for (const one of list) one.n += 1;
            return { list: [{ n: 0, text: long("new") }] };
          })
          .addConditionalEdges("edit", ({ list }) => (list.length < 8 ? "edit" : END))
          .addEdge(START, "edit")
          .compile({ checkpointer });
      const live = await graphOn(saver).invoke({ list: [] }, run);
      expect(live.list.map(({ n }) => n)).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
      expect((await graphOn(again()).getState(thread)).values).toEqual(live);
    });
  });
}
