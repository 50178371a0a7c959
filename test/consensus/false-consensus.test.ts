/** Agreement that is too good: said as an event, and routed where the graph chose. */
import { Command, END, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { aheadBy, contradicted, type Outcome, trusted, vote } from "#src/consensus/index.ts";
import type { Category } from "#src/faults/index.ts";
import {
  answersFor,
  askHuman,
  bubbleUp,
  errorRoutes,
  faultChannels,
  guarded,
  type NodeRuntime,
} from "#src/routing/index.ts";
import { streamed } from "../isolation/calls.ts";
import { ballot } from "./vote-graph.ts";

const outcome = (votes: Record<string, number>, models = 1): Outcome<string> => ({
  answer: "A",
  winner: "A",
  votes,
  drawn: 0,
  discarded: 0,
  unanimous: Object.keys(votes).length === 1,
  models,
});

const suspicion = { vote: "v", as: "llm-recoverable" } as const;

describe("votes of one model are suspected when so few dissents are improbable", () => {
  // Lower tail of the binomial by hand, at half: 2^-9 = .00195, 2^-10 = .00098, and with one dissent of 12 13 / 4096.
  test.each([
    { votes: { A: 9 }, alpha: 0.001, suspected: false },
    { votes: { A: 10 }, alpha: 0.001, suspected: true },
    { votes: { A: 11, B: 1 }, alpha: 0.001, suspected: false },
    { votes: { A: 11, B: 1 }, alpha: 13 / 4096, suspected: false },
    { votes: { A: 11, B: 1 }, alpha: 13.001 / 4096, suspected: true },
    { votes: { A: 10, B: 1, C: 1 }, alpha: 0.01, suspected: false },
  ])("$votes below $alpha: $suspected", ({ votes, alpha, suspected }) => {
    const { runtime, types } = streamed();
    const look = () => trusted(runtime, outcome(votes), { ...suspicion, dissent: 0.5, alpha });
    if (suspected) expect(look).toThrow(expect.objectContaining({ code: "false_consensus" }));
    else expect(look()).toEqual(outcome(votes));
    expect(types()).toEqual(suspected ? ["false_consensus"] : []);
  });

  test("one in a thousand, where the caller says nothing of it", () => {
    const look = (votes: number) => () => trusted({}, outcome({ A: votes }), { ...suspicion, dissent: 0.5 });
    expect(look(9)).not.toThrow();
    expect(look(10)).toThrow("10 votes of one model with 0 dissents: expected by chance in 0.098 % of cases");
  });

  test("votes before this one count: three that agree are nothing, the tenth time they are", () => {
    const three = outcome({ A: 3 });
    const earlier = { votes: 27, dissents: 0 };
    // .8^3 = .51, .8^30 = .0012, and .0105 with one dissent.
    const expected = { ...suspicion, dissent: 0.2, alpha: 0.002 };
    expect(trusted({}, three, expected)).toBe(three);
    expect(() => trusted({}, three, { ...expected, earlier })).toThrow("30 votes of one model");
    expect(trusted({}, three, { ...expected, earlier: { votes: 27, dissents: 1 } })).toBe(three);
  });

  test("several models may agree, and so may all where no dissent is expected", () => {
    const two = outcome({ A: 100 }, 2);
    expect(trusted({}, two, { ...suspicion, dissent: 0.5 })).toBe(two);
    const sure = outcome({ A: 100 });
    expect(trusted({}, sure, { ...suspicion, dissent: 0 })).toBe(sure);
  });

  test.each([
    ["dissent", { dissent: 1.1 }],
    ["dissent", { dissent: Number.NaN }],
    ["alpha", { dissent: 0.1, alpha: -1 }],
  ])("a %s that is no share is refused", (field, given) => {
    expect(() => trusted({}, outcome({ A: 1 }), { ...suspicion, ...given })).toThrow(
      expect.objectContaining({ name: "RangeError", message: expect.stringContaining(field) }),
    );
  });
});

test.each([
  { votes: 5, dissents: 9 },
  { votes: -5, dissents: 0 },
  { votes: 5, dissents: Number.NaN },
])("earlier votes that cannot be are refused: $votes with $dissents dissents", (earlier) => {
  expect(() => trusted({}, outcome({ A: 1 }), { ...suspicion, dissent: 0.1, earlier })).toThrow(
    /^trusted: earlier must have/,
  );
});

test("a unanimous vote that an inspector refuses is told with its reasons", () => {
  const { runtime, events } = streamed();
  const fault = contradicted(runtime, { vote: "v", as: "user-fixable" }, ["wrong order", "too much"]);
  expect(fault).toMatchObject({
    category: "user-fixable",
    code: "false_consensus",
    details: { vote: "v", why: "inspector_disagrees" },
    message: expect.stringContaining("wrong order; too much"),
  });
  expect(events).toMatchObject([{ type: "false_consensus", node: "work", why: "inspector_disagrees" }]);
});

const State = z.object({ decided: z.string().default(""), ...faultChannels });

/** All samples of the first model agree; the node votes until somebody else has spoken. */
function graphWith(as: Category) {
  const routed = errorRoutes({
    llmRecoverable: { backTo: "other_model" },
    userFixable: "ask_human",
    compensable: "give_up",
    unexpected: "bubble_up",
  });
  const decide = async (state: z.infer<typeof State>, runtime: NodeRuntime) => {
    const [answer] = answersFor(state, "work");
    if (answer !== undefined) return { decided: `a person: ${answer}` };
    const voted = await vote(runtime, { ...ballot(), rule: aheadBy(5), draw: async () => "A" });
    const { winner } = trusted(runtime, voted, { vote: "v", as, dissent: 0.8 });
    return { decided: winner };
  };
  return new StateGraph(State)
    .addNode("work", guarded(decide), routed())
    .addNode(
      "other_model",
      guarded(() => ({ decided: "another model" })),
      routed(),
    )
    .addNode("ask_human", guarded(askHuman()), routed({ goto: ["work"] }))
    .addNode(
      "give_up",
      guarded(() => ({ decided: "nobody" })),
      routed({ compensable: "bubble_up" }),
    )
    .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["work", "other_model", "ask_human", "give_up"] })
    .addEdge(START, "work")
    .addEdge("work", END)
    .addEdge("other_model", END)
    .addEdge("give_up", END)
    .compile({ checkpointer: new MemorySaver() });
}

describe("on a graph the category that it chose is the route:", () => {
  const onThread = { configurable: { thread_id: "t" } };

  test.each([
    ["llm-recoverable", "another model"],
    ["compensable", "nobody"],
  ] as const)("%s goes to %s", async (as, decided) => {
    expect(await graphWith(as).invoke({}, onThread)).toMatchObject({ decided });
  });

  test("user-fixable waits for a person, who decides", async () => {
    const graph = graphWith("user-fixable");
    await graph.invoke({}, onThread);
    const { next, tasks } = await graph.getState(onThread);
    expect(next).toEqual(["ask_human"]);
    expect(tasks[0]?.interrupts[0]?.value).toMatchObject({
      question: expect.stringContaining("of one model"),
    });
    expect(await graph.invoke(new Command({ resume: "B" }), onThread)).toMatchObject({
      decided: "a person: B",
    });
  });
});
