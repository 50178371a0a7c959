/** LangGraph's own errors, thrown by graphs that provoke them, and its control flow, which is no error. */
import {
  Command,
  END,
  interrupt,
  type LangGraphRunnableConfig,
  MemorySaver,
  RunControl,
  START,
  StateGraph,
  StateSchema,
} from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { classify, isControlFlow } from "#src/faults/index.ts";
import { thrownBy, verdictOf } from "./thrown-by.ts";

const State = z.object({ n: z.number().default(0) });
type Body = (state: z.infer<typeof State>, runtime: LangGraphRunnableConfig) => unknown;

function graphOf(body: Body, options: { timeout?: number } = {}) {
  return new StateGraph(State)
    .addNode("work", body as () => Promise<{ n: number }>, { ...options, ends: ["work", END] })
    .addEdge(START, "work")
    .compile();
}

/** What the body of a node catches. */
async function caughtIn(provoke: Body, config: object = {}): Promise<unknown> {
  let caught: unknown;
  const graph = graphOf(async (state, runtime) => {
    caught = await thrownBy(() => provoke(state, runtime));
    return { n: 1 };
  });
  graph.checkpointer = new MemorySaver();
  await graph.invoke({}, { configurable: { thread_id: "t" }, ...config });
  return caught;
}

describe("errors of the graph itself", () => {
  test("a node past its timeout is transient", async () => {
    const slow = graphOf(() => new Promise(() => {}), { timeout: 20 });
    expect(verdictOf(await thrownBy(() => slow.invoke({})))).toBe("transient node_timeout");
  });

  test("a loop without a bound is a bug, not a reason to undo what was done", async () => {
    const loop = graphOf(() => new Command({ goto: "work" }));
    const error = await thrownBy(() => loop.invoke({}, { recursionLimit: 3 }));
    expect(verdictOf(error)).toBe("unexpected graph_recursion_limit");
  });

  test("a node that returns no update is a bug", async () => {
    const error = await thrownBy(() => graphOf(() => 42).invoke({}));
    expect(verdictOf(error)).toBe("unexpected invalid_update");
  });

  test.each([
    ["z.object", State],
    ["StateSchema", new StateSchema({ n: z.number().default(0) })],
  ] as const)(
    "an update that the state (%s) refuses is a bug, and no output for the model to mend",
    async (_, state) => {
      const graph = new StateGraph(state as typeof State)
        .addNode("work", () => ({ n: "no number" }) as unknown as { n: number })
        .addEdge(START, "work")
        .compile();
      expect(classify(await thrownBy(() => graph.invoke({}))).category).toBe("unexpected");
    },
  );

  test("a question without a checkpointer is a bug", async () => {
    expect(verdictOf(await thrownBy(() => graphOf(() => interrupt("?")).invoke({})))).toBe(
      "unexpected graph_value_error",
    );
  });

  test("a resume of a thread that was never begun is a bug", async () => {
    const graph = graphOf(() => ({ n: 1 }));
    graph.checkpointer = new MemorySaver();
    const error = await thrownBy(() => graph.invoke(null, { configurable: { thread_id: "t" } }));
    expect(verdictOf(error)).toBe("unexpected empty_input");
  });

  test("two branches that fail in the same tick come as one error, and the bug among them decides", async () => {
    const failing = (error: Error) => (): { n: number } => {
      throw error;
    };
    const graph = new StateGraph(State)
      .addNode("a", failing(Object.assign(new Error("busy"), { status: 503 })))
      .addNode("b", failing(new TypeError("x is not a function")))
      .addEdge(START, "a")
      .addEdge(START, "b")
      .compile();
    const error = await thrownBy(() => graph.invoke({}));
    expect(error).toBeInstanceOf(AggregateError);
    expect(verdictOf(error)).toBe("unexpected bug");
  });

  test("an answer that the question's schema refuses is for the person to mend, not for the model", async () => {
    const graph = graphOf(() => ({ n: interrupt("how many?", { responseSchema: z.number() }) }));
    graph.checkpointer = new MemorySaver();
    const config = { configurable: { thread_id: "t" } };
    await graph.invoke({}, config);
    const error = await thrownBy(() => graph.invoke(new Command({ resume: "many" }), config));
    expect(verdictOf(error)).toBe("user-fixable invalid_answer");
  });
});

describe("control flow is never a fault", () => {
  test("a question", async () => {
    expect(isControlFlow(await caughtIn(() => interrupt("?")))).toBe(true);
  });

  test("a command for the graph above", async () => {
    const inner = graphOf(() => new Command({ graph: Command.PARENT, goto: END }));
    expect(isControlFlow(await caughtIn((_, runtime) => inner.invoke({}, runtime)))).toBe(true);
  });

  test("a drain", async () => {
    const control = new RunControl();
    const inner = graphOf(({ n }) => (n > 0 ? { n } : new Command({ update: { n: 1 }, goto: "work" })));
    control.requestDrain("sigterm");
    expect(isControlFlow(await thrownBy(() => inner.invoke({}, { control })))).toBe(true);
  });
});
