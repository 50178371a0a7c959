import { Command, END, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { eventOf, type FaultlineEvent } from "#src/events/index.ts";
import { Fault } from "#src/faults/index.ts";
import {
  answersFor,
  askHuman,
  bubbleUp,
  errorRoutes,
  faultChannels,
  guarded,
  type NodeRuntime,
} from "#src/routing/index.ts";

const State = z.object({ log: z.string().default(""), ...faultChannels });
type State = z.infer<typeof State>;

const routed = errorRoutes({
  llmRecoverable: { backTo: "model", rounds: 2, spent: "compensable" },
  userFixable: "ask_customer",
  compensable: "compensate",
  unexpected: "bubble_up",
  baseMs: 1,
  capMs: 20,
});

type Body = (state: State, runtime: NodeRuntime) => Promise<Partial<State>> | Partial<State>;

/** model → work → END, with every error-routing node; `work` is what a test puts there. */
function graphWith(work: Body, model: Body = () => ({})) {
  return new StateGraph(State)
    .addNode("model", guarded(model), routed())
    .addNode("work", guarded(work), routed())
    .addNode("ask_customer", guarded(askHuman()), routed({ goto: ["work"] }))
    .addNode(
      "compensate",
      guarded(() => ({ log: "compensated" })),
      routed({ compensable: "bubble_up" }),
    )
    .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["work", "model"] })
    .addEdge(START, "model")
    .addEdge("model", "work")
    .addEdge("work", END)
    .addEdge("compensate", END)
    .compile({ checkpointer: new MemorySaver() });
}

const config = (thread = "t") => ({ configurable: { thread_id: thread }, durability: "sync" as const });

async function eventsOf(
  graph: ReturnType<typeof graphWith>,
  input: object | Command | null,
): Promise<FaultlineEvent[]> {
  const events: FaultlineEvent[] = [];
  for await (const chunk of await graph.stream(input as never, { ...config(), streamMode: "custom" })) {
    const event = eventOf(chunk);
    if (event !== undefined) events.push(event);
  }
  return events;
}

describe("the table on a running graph", () => {
  test("a transient fault is retried and leaves its trace, instead of vanishing from state", async () => {
    let runs = 0;
    const graph = graphWith(() => {
      runs += 1;
      if (runs < 3) throw new Fault("transient", "http_503", "down");
      return { log: "done" };
    });
    const end = await graph.invoke({}, config());
    expect(end.log).toBe("done");
    expect((end as State).faults.map(({ code, route, attempts }) => ({ code, route, attempts }))).toEqual([
      { code: "http_503", route: "retried", attempts: 1 },
      { code: "http_503", route: "retried", attempts: 2 },
    ]);
    expect(end.rounds).toEqual({ "work:retries": 2 });
  });

  test("retries that are spent go on as compensable, not as a crash", async () => {
    const graph = graphWith(() => {
      throw new Fault("transient", "http_503", "down");
    });
    const end = await graph.invoke({}, config());
    expect(end.log).toBe("compensated");
    expect((end as State).faults.map(({ route }) => route)).toEqual([
      "retried",
      "retried",
      "retried",
      "compensate",
    ]);
  });

  test("a model that never mends its answer is stopped by the bound in state", async () => {
    let rounds = 0;
    const graph = graphWith(() => {
      rounds += 1;
      throw new Fault("llm-recoverable", "malformed_answer", "no JSON");
    });
    const end = await graph.invoke({}, config());
    expect(rounds).toBe(3);
    expect(end.log).toBe("compensated");
  });

  test("a question waits for its answer and the node that failed sees it", async () => {
    const graph = graphWith((state) => {
      const [answer] = answersFor(state, "work");
      if (answer === undefined) throw new Fault("user-fixable", "missing", "Which order?");
      return { log: answer };
    });
    const paused = await graph.invoke({}, config());
    expect(JSON.stringify(paused)).toContain("Which order?");
    const asked = await eventsOf(graph, new Command({ resume: "  " }));
    expect(asked.map(({ type }) => type)).toEqual(["human_asked"]);
    const end = await graph.invoke(new Command({ resume: "#W1" }), config());
    expect(end.log).toBe("#W1");
  });

  test("a bug bubbles up with its cause, and after the mend only the failed node runs again", async () => {
    let broken = true;
    const runs = { model: 0, work: 0 };
    const cause = new TypeError("x is undefined");
    const graph = graphWith(
      () => {
        runs.work += 1;
        if (broken) throw cause;
        return { log: "mended" };
      },
      () => {
        runs.model += 1;
        return {};
      },
    );
    const failure = await graph.invoke({}, config()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ category: "unexpected", cause });
    await expect(graph.invoke(null, config())).rejects.toMatchObject({ cause });
    expect(runs).toEqual({ model: 1, work: 2 });
    broken = false;
    const end = await graph.invoke(null, config());
    expect(end.log).toBe("mended");
    expect(runs).toEqual({ model: 1, work: 3 });
  });

  test("events say what LangGraph's own stream hides", async () => {
    let runs = 0;
    const events = await eventsOf(
      graphWith(() => {
        runs += 1;
        if (runs === 1) throw new Fault("transient", "http_429", "slow down", { retryAfterMs: 5 });
        throw new Fault("compensable", "spent", "no way");
      }),
      {},
    );
    expect(events.map(({ type }) => type)).toEqual(["attempt_failed", "waiting", "attempt_failed", "routed"]);
    expect(events[1]).toMatchObject({ reason: "retry_after" });
    expect(events[3]).toMatchObject({ to: "compensate", category: "compensable" });
  });
});

test("a state without the fault channels is told at the first fault: no bound would be counted, and the loop never end", async () => {
  let runs = 0;
  const Bare = z.object({ log: z.string().default("") });
  const work = () => {
    runs += 1;
    throw new Fault("llm-recoverable", "bad", "bad");
  };
  const graph = new StateGraph(Bare)
    .addNode("model", () => ({}))
    .addNode(
      "work",
      guarded(work),
      // The types say so too, where the state has types.
      errorRoutes({ llmRecoverable: { backTo: "model" }, unexpected: "bubble_up" })() as object,
    )
    .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["work"] })
    .addEdge(START, "model")
    .addEdge("model", "work")
    .compile({ checkpointer: new MemorySaver() });
  await expect(graph.invoke({}, config())).rejects.toMatchObject({
    code: "no_fault",
    message: expect.stringContaining("spread faultChannels into the graph's state"),
  });
  expect(runs).toBe(1);
});
