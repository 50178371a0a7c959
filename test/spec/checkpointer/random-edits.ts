/**
 * Random edits of several lists, with forks, replays and changes of process between them. `randomEditsSpec(() => …)`.
 *
 * Nothing is expected here but what {@link Mirror} and a second reading demand, so it wants a subject of Mirrors.
 */
import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";
import fc from "fast-check";
import { expect, test } from "vitest";
import { historyOf, type OpenSubject } from "./subject.ts";

interface Item {
  id: number;
  text: string;
  tags: (number | null)[];
}

type Edit =
  | { readonly do: "append" | "push" | "set"; readonly items: readonly Item[] }
  | { readonly do: "keep"; readonly from: number; readonly to: number }
  | { readonly do: "change" | "tag" | "remove" | "double"; readonly at: number }
  | { readonly do: "reverse" | "copy" | "nothing" | "null" };

type List = Item[] | null;

/** Some edits give a new list, some the old one, edited: LangGraph takes both. */
function edited(list: List, edit: Edit): List {
  const items = list ?? [];
  const at = "at" in edit && items.length > 0 ? edit.at % items.length : 0;
  const item = items[at];
  switch (edit.do) {
    case "append":
      return [...items, ...structuredClone(edit.items)];
    case "push":
      items.push(...structuredClone([...edit.items]));
      return items;
    case "set":
      return structuredClone([...edit.items]);
    case "keep":
      return items.slice(edit.from, items.length - edit.to);
    case "change":
      if (item !== undefined) item.text = `${item.text.slice(1)}!`;
      return items;
    case "tag":
      item?.tags.push(items.length, null);
      return [...items];
    case "remove":
      items.splice(at, 1);
      return items;
    case "double":
      return item === undefined ? items : [...items, item];
    case "reverse":
      return items.toReversed();
    case "copy":
      return structuredClone(items);
    case "null":
      return null;
    case "nothing":
      return list;
  }
}

const channels = ["one", "two", "three"] as const;
type Updates = Partial<Record<(typeof channels)[number], Edit>>;

/** Does the first line of the script, and takes it off, until none is left. */
const graphOn = (checkpointer: BaseCheckpointSaver, inPlace: boolean) => {
  const list = () =>
    Annotation<List, Edit>({
      reducer: (old, edit) => edited(inPlace ? old : structuredClone(old), edit),
      default: () => [],
    });
  const State = Annotation.Root({
    one: list(),
    two: list(),
    three: list(),
    script: Annotation<readonly Updates[]>({ reducer: (_, rest) => rest, default: () => [] }),
  });
  return new StateGraph(State)
    .addNode("edit", ({ script: [next = {}, ...rest] }) => ({ ...next, script: rest }))
    .addEdge(START, "edit")
    .addConditionalEdges("edit", ({ script }) => (script.length > 0 ? "edit" : END))
    .compile({ checkpointer });
};

type Action =
  | {
      readonly kind: "run";
      readonly script: readonly Updates[];
      readonly durability: "sync" | "async" | "exit";
    }
  | { readonly kind: "fork"; readonly back: number; readonly updates: Updates }
  | { readonly kind: "replay"; readonly back: number }
  | { readonly kind: "restart" };

const item = fc.record<Item>({
  id: fc.nat(5),
  text: fc.oneof(fc.string({ unit: "binary", maxLength: 5 }), fc.constant("x".repeat(500))),
  tags: fc.constant([]).map(() => []),
});
const items = fc.array(item, { maxLength: 4 });
const few = fc.nat(3);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("append" as const, "push" as const), items }) },
  fc.record({ do: fc.constant("set" as const), items }),
  fc.record({ do: fc.constant("keep" as const), from: few, to: few }),
  fc.record({
    do: fc.constantFrom("change" as const, "tag" as const, "remove" as const, "double" as const),
    at: fc.nat(20),
  }),
  fc.record({
    do: fc.constantFrom("reverse" as const, "copy" as const, "nothing" as const, "null" as const),
  }),
);
const updates: fc.Arbitrary<Updates> = fc.record({ one: edit, two: edit, three: edit }, { requiredKeys: [] });
const back = fc.nat(12);
const actionWith = (durability: fc.Arbitrary<"sync" | "async" | "exit">): fc.Arbitrary<Action> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("run" as const),
        script: fc.array(updates, { minLength: 1, maxLength: 6 }),
        durability,
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("fork" as const), back, updates }) },
    fc.record({ kind: fc.constant("replay" as const), back }),
    fc.record({ kind: fc.constant("restart" as const) }),
  );

/** Much is pushed at the beginning: short lists are stored whole anyway. */
const begun: Updates = Object.fromEntries(
  channels.map((channel, i) => [
    channel,
    {
      do: "append",
      items: Array.from({ length: 3 * i }, (_, id) => ({ id, text: "y".repeat(500), tags: [] })),
    },
  ]),
);

export function randomEditsSpec(open: OpenSubject, { numRuns }: { numRuns: number }): void {
  const check = async (inPlace: boolean, durability: fc.Arbitrary<"sync" | "async" | "exit">) => {
    const { again } = await open();
    const another = () => graphOn(again(), inPlace);
    let threads = 0;
    const actions = fc.array(actionWith(durability), { minLength: 3, maxLength: 10 });
    const property = fc.asyncProperty(actions, async (actions) => {
      threads += 1;
      const thread = { configurable: { thread_id: String(threads) } };
      let graph = another();
      await graph.invoke({ script: [begun] }, { ...thread, durability: "sync" });
      const pick = async (index: number) => {
        const history = await historyOf(graph, thread);
        return history[index % history.length]?.config ?? thread;
      };
      for (const one of actions) {
        if (one.kind === "run") {
          const live = await graph.invoke({ script: one.script }, { ...thread, durability: one.durability });
          expect((await another().getState(thread)).values).toEqual(live);
        } else if (one.kind === "fork") {
          await graph.updateState(await pick(one.back), one.updates, "edit");
        } else if (one.kind === "replay") {
          await graph.invoke(null, { ...(await pick(one.back)), durability: "sync" });
        } else {
          graph = another();
        }
      }
      // Each state that there ever was, once more, by an instance that remembers nothing.
      await historyOf(another(), thread);
    });
    await fc.assert(property, { numRuns });
  };

  test("random edits of copies: what is read again is what was live", async () => {
    await check(false, fc.constantFrom("sync", "async", "exit"));
  }, 120_000);

  // Not "async": LangGraph then hands over a checkpoint when its lists have been edited further already, and
  // MemorySaver, which stores unchanged channels too, has an old state with a later list in it.
  test("random edits in place: what is read again is what was live", async () => {
    await check(true, fc.constantFrom("sync", "exit"));
  }, 120_000);
}
