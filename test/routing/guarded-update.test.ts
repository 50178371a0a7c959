/** What a node returns reaches state unharmed, also when the faults that it survived are added to it. */
import { Command, Overwrite, Send, START } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { Fault } from "#src/faults/index.ts";
import { guarded } from "#src/routing/index.ts";
import { failure, type State as GraphState, graphOf, routed } from "../traps/graphs.ts";

/** A node that fails once and then returns `update`; `after` shows what arrived where. */
function graphReturning(update: unknown) {
  let runs = 0;
  return graphOf((state) => ({ log: `${state.log}work ` }))
    .addNode(
      "first",
      guarded((): Partial<GraphState> => {
        runs += 1;
        if (runs === 1) throw new Fault("transient", "http_503", "down");
        return update as Partial<GraphState>;
      }),
      routed({ goto: ["after"] }),
    )
    .addNode("after", (state: GraphState & { part?: number }) => ({
      done: [`after ${state.part ?? ""}`.trim()],
    }))
    .addEdge(START, "first")
    .compile();
}

const survived = [expect.objectContaining({ node: "first", code: "http_503", route: "retried" })];

describe("after a retry", () => {
  test.each([
    ["undefined", undefined, {}],
    ["null", null, {}],
    ["an empty update", {}, {}],
    ["an update", { log: "x" }, { log: "x" }],
    ["a Command without an update", new Command({ goto: "after" }), { done: ["after"] }],
    [
      "a Command with an update",
      new Command({ goto: "after", update: { log: "x" } }),
      { log: "x", done: ["after"] },
    ],
    [
      "a Command with tuples",
      new Command({ goto: "after", update: [["log", "x"]] }),
      { log: "x", done: ["after"] },
    ],
    [
      "a Command with Sends",
      new Command({ goto: [new Send("after", { part: 1 }), new Send("after", { part: 2 })] }),
      { done: ["after 1", "after 2"] },
    ],
    [
      "Commands and updates in a list",
      [{ log: "x" }, new Command({ goto: "after", update: { done: ["first"] } })],
      { log: "x", done: ["after", "first"] },
    ],
  ])("%s", async (_, update, expected) => {
    const end = await graphReturning(update).invoke({});
    expect(end).toMatchObject(expected);
    expect(end.faults).toEqual(survived);
    expect(end.rounds).toEqual({ "first:retries": 1 });
  });

  test("a node's own faults stand beside the ones it survived", async () => {
    const own = { id: "own", node: "first", category: "transient", code: "own", message: "own", attempts: 1 };
    const end = await graphReturning({ faults: [own] }).invoke({});
    expect(end.faults).toEqual([own, ...survived]);
  });

  test("a node that resets the rounds has them reset", async () => {
    const end = await graphReturning({ rounds: new Overwrite({}) }).invoke({
      rounds: { "work:compensable": 9 },
    });
    expect(end.rounds).not.toHaveProperty("work:compensable");
  });

  test("what is no update is refused by LangGraph, not made one of", async () => {
    expect(await failure(graphReturning("words").invoke({}))).toMatchObject({ code: "invalid_update" });
  });
});

test("without a fault a node's return value is passed on as it is", async () => {
  const update = { log: "x" };
  const node = guarded(() => update);
  expect(await node({}, {} as never)).toBe(update);
});

test("outside a graph a guarded node still throws faults only", async () => {
  const node = guarded(() => {
    throw "words";
  });
  expect(await failure(node({}, {} as never))).toMatchObject({
    category: "unexpected",
    code: "not_an_error",
  });
});
