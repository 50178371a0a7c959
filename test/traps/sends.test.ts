/** Traps of a fan-out by Send: the payload stands nowhere in state, and state does not stand in the payload. */
import { Command, Send, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { Fault } from "#src/faults/index.ts";
import { answersFor, askHuman, bubbleUp, guarded } from "#src/routing/index.ts";
import { failure, graphOf, onThread, routed, State, saver } from "./graphs.ts";

type Part = State & { part: number };
const parts = [1, 2, 3];
const fanOut = () => parts.map((part) => new Send("work", { part }));

/** `work` once for each part. */
const sends = (work: (part: Part) => Partial<State>, rows: Parameters<typeof routed>[0] = {}) =>
  graphOf((state) => work(state as Part), rows).addConditionalEdges(START, fanOut, ["work"]);

describe("a goto by name loses the payload of a Send", () => {
  test("bare: a handler that goes back to its node runs it on the whole state", async () => {
    const seen: unknown[] = [];
    const graph = new StateGraph(State)
      .addNode(
        "work",
        (state) => {
          const { part } = state as Part;
          seen.push(part);
          if (part === 2) throw new Error("once");
          return {};
        },
        { errorHandler: () => new Command({ goto: "work" }), ends: ["work"] },
      )
      .addConditionalEdges(START, fanOut, ["work"])
      .compile();
    await graph.invoke({});
    expect(seen).toEqual([1, 2, 3, undefined]);
  });

  test("bubbled up: after the mend the failed parts run again, each on its own payload, and only these", async () => {
    let broken = true;
    const seen: number[] = [];
    const graph = sends(({ part }) => {
      seen.push(part);
      if (broken && part !== 1) throw new Error(`bug in ${part}`);
      return { done: [`part ${part}`] };
    }).compile({ checkpointer: saver() });
    expect(await failure(graph.invoke({}, onThread()))).toMatchObject({
      errors: [{ message: "bug in 2" }, { message: "bug in 3" }],
    });
    expect(await failure(graph.invoke(null, onThread()))).toBeInstanceOf(AggregateError);
    broken = false;
    const end = await graph.invoke(null, onThread());
    expect(end.done).toEqual(["part 1", "part 2", "part 3"]);
    expect(seen).toEqual([1, 2, 3, 2, 3, 2, 3]);
    expect((end as State).faults.filter(({ sent }) => sent !== undefined)).toEqual([]);
  });

  test("back to the model: a sent node that is its own model sees its fault, and no other branch's", async () => {
    const graph = sends((state) => {
      const faults = state.faults ?? [];
      if (faults.length < 1) throw new Fault("llm-recoverable", "malformed", `no JSON in ${state.part}`);
      return { done: [`${state.part}: ${faults.map(({ message }) => message).join()}`] };
    }).compile();
    expect((await graph.invoke({})).done).toEqual(["1: no JSON in 1", "2: no JSON in 2", "3: no JSON in 3"]);
  });

  test("asked: each branch gets the answer to its own question, and to its second one too", async () => {
    const graph = new StateGraph(State)
      .addNode(
        "work",
        guarded((state: State) => {
          const { part } = state as Part;
          const answers = answersFor(state, "work");
          if (answers.length < 2)
            throw new Fault("user-fixable", "missing", `question ${answers.length + 1} of ${part}`);
          return { done: [`${part}: ${answers.join(" ")}`] };
        }),
        routed({ userFixable: "ask" }),
      )
      .addNode("ask", guarded(askHuman()), routed())
      .addNode(
        "compensate",
        guarded(() => ({})),
        routed({ compensable: "bubble_up" }),
      )
      .addNode("bubble_up", bubbleUp(), { defer: true })
      .addConditionalEdges(START, fanOut, ["work"])
      .compile({ checkpointer: saver() });
    const asked: string[] = [];
    let state: { __interrupt__?: { value?: { question: string } }[]; done?: string[] | undefined } =
      await graph.invoke({}, onThread());
    while (state.__interrupt__ !== undefined) {
      const question = state.__interrupt__[0]?.value?.question ?? "";
      asked.push(question);
      state = await graph.invoke(new Command({ resume: question.replace("question", "answer") }), onThread());
    }
    expect(asked).toHaveLength(6);
    expect(state.done).toEqual(parts.map((part) => `${part}: answer 1 of ${part} answer 2 of ${part}`));
  });

  test("B3: a branch that a foreign failure cancelled runs again on its payload", async () => {
    let broken = true;
    const graph = graphOf(async (state, { signal }) => {
      const { part } = state as Part;
      if (broken)
        await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      return { done: [`part ${part}`] };
    })
      .addNode("foreign", () => {
        if (broken) throw new Error("unrouted");
        return {};
      })
      .addConditionalEdges(START, () => [new Send("foreign", {}), ...fanOut()], ["foreign", "work"])
      .compile({ checkpointer: saver() });
    expect(await failure(graph.invoke({}, onThread()))).toMatchObject({ message: "unrouted" });
    broken = false;
    const end = await graph.invoke(null, onThread());
    expect(end.done).toEqual(["part 1", "part 2", "part 3"]);
    expect(end.faults).toEqual([]);
  });
});

describe("a Send's payload has no counters: a bound read from it never grows", () => {
  test("bare: the payload is all that the node sees", async () => {
    const seen: object[] = [];
    const graph = new StateGraph(State)
      .addNode("work", (state) => {
        seen.push(state);
        return {};
      })
      .addConditionalEdges(START, () => [new Send("work", { part: 1 })], ["work"])
      .compile();
    await graph.invoke({ rounds: { "work:llm-recoverable": 1 } });
    expect(seen).toEqual([{ part: 1 }]);
  });

  test("routed: a model that sends the same refused part for ever is stopped all the same", async () => {
    let runs = 0;
    const graph = graphOf(
      () => {
        runs += 1;
        throw new Fault("llm-recoverable", "refused", "not this part");
      },
      { llmRecoverable: { backTo: "compensate", rounds: 2, spent: "compensable" }, compensable: "bubble_up" },
    )
      .addNode("plan", () => ({}))
      .addEdge(START, "plan")
      .addConditionalEdges("plan", () => [new Send("work", { part: 1 })], ["work"])
      .addEdge("compensate", "plan")
      .compile({ checkpointer: saver() });
    const stopped = await failure(graph.invoke({}, { ...onThread(), recursionLimit: 50 }));
    expect(stopped).toMatchObject({ category: "compensable", code: "refused" });
    expect(runs).toBe(3);
  });

  test("routed: the retries of parallel branches come out of one budget, each counted", async () => {
    let runs = 0;
    const graph = sends(
      () => {
        runs += 1;
        throw new Fault("transient", "http_503", "down");
      },
      { attempts: 10, retryBudget: 7, baseMs: 0 },
    ).compile();
    const end = await graph.invoke({});
    expect(runs).toBe(parts.length + 7);
    expect(end.rounds).toMatchObject({ "work:retries": 7 });
  });
});
