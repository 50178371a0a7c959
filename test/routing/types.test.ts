/** Compile-only: `tsc` over the tests is what checks these. A cast in any of them would be one in every fork. */
import { type Command, END, type RetryPolicy, START, StateGraph } from "@langchain/langgraph";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { FaultRecord } from "#src/faults/index.ts";
import {
  askHuman,
  bubbleUp,
  errorRoutes,
  faultChannels,
  guarded,
  type NodeRuntime,
} from "#src/routing/index.ts";

const State = z.object({ order: z.string().default(""), ...faultChannels });
type State = z.infer<typeof State>;

const routed = errorRoutes({
  llmRecoverable: { backTo: "model", rounds: 3 },
  userFixable: "ask_customer",
  compensable: "compensate",
  unexpected: "bubble_up",
});

test("a graph of routed nodes needs no cast, with and without a context", () => {
  const context = z.object({ tenant: z.string() });
  const graph = new StateGraph(State, context)
    .addNode(
      "model",
      guarded((state: State) => ({ order: state.order })),
      routed({ timeoutMs: 10_000 }),
    )
    .addNode(
      "pay",
      guarded(async (_: State, runtime: NodeRuntime<{ tenant: string }>) => ({
        order: runtime.context?.tenant ?? "",
      })),
      routed({ compensable: "refund", goto: ["model", END] }),
    )
    .addNode(
      "refund",
      guarded(() => ({ order: "" })),
      routed({ compensable: "bubble_up" }),
    )
    .addNode(
      "compensate",
      guarded(() => ({})),
      routed({ compensable: "bubble_up" }),
    )
    .addNode("ask_customer", guarded(askHuman()), routed({ goto: ["model", "pay"] }))
    .addNode("bubble_up", bubbleUp(), {
      defer: true,
      ends: ["model", "pay", "refund", "compensate", "ask_customer"],
    })
    .addEdge(START, "model")
    .addEdge("model", "pay")
    .addEdge("pay", END)
    .compile();
  expect(Object.keys(graph.nodes)).toContain("refund");
});

test("the options of a node name its targets, and nothing else", () => {
  const options = routed({ compensable: "refund", goto: ["model"] });
  expectTypeOf(options.ends).toEqualTypeOf<
    ("model" | "ask_customer" | "compensate" | "bubble_up" | "refund")[]
  >();
  expectTypeOf(options.retryPolicy).toEqualTypeOf<RetryPolicy>();
  expectTypeOf<ReturnType<typeof options.errorHandler>>().toExtend<Command>();
  expect(options.ends.toSorted()).toEqual(["ask_customer", "bubble_up", "model", "refund"]);
});

test("a table without the last row does not compile", () => {
  // @ts-expect-error unexpected is missing
  const build = () => errorRoutes({ compensable: "compensate" });
  // @ts-expect-error not a number
  const wrong = () => routed({ attempts: "3" });
  expect([build, wrong]).toHaveLength(2);
});

test("a node keeps its types, and state's records theirs", () => {
  const node = guarded((state: State) => ({ order: state.order.trim() }));
  expectTypeOf(node).parameter(0).toEqualTypeOf<State>();
  expectTypeOf(node).returns.resolves.toEqualTypeOf<{ order: string }>();
  expectTypeOf<State["faults"]>().toEqualTypeOf<FaultRecord[]>();
  expectTypeOf<State["rounds"]>().toEqualTypeOf<Record<string, number>>();
  expect(node).toBeTypeOf("function");
});
