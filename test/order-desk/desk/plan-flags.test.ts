/** The red flags on a planner's answers: what each finds, and what it must leave alone. */
import { describe, expect, test } from "vitest";
import { planFlags } from "#graphs/order-desk/nodes/planning/plan-flags.ts";
import type { PlanningState } from "#graphs/order-desk/nodes/planning/state.ts";
import type { PlannerTurn } from "#graphs/order-desk/prompts/index.ts";
import type { Action } from "#graphs/order-desk/tools/action.ts";
import { raised } from "#src/consensus/index.ts";
import type { FaultRecord } from "#src/faults/index.ts";

const looked = (order_id: string, id = "1") => ({
  role: "assistant" as const,
  content: "",
  toolCalls: [{ id, name: "get_order_details", args: { order_id } }],
});

const cancel = (order_id: string): Action => ({
  name: "cancel_pending_order",
  arguments: { order_id, reason: "no longer needed" },
});

const fault = (more: Partial<FaultRecord>): FaultRecord => ({
  id: "f",
  node: "gates",
  category: "llm-recoverable",
  code: "refused_by_shop",
  message: "",
  attempts: 1,
  ...more,
});

/** What the planner of a ticket about #W1111111 has read and was told. */
const state = (more: Partial<PlanningState> = {}) =>
  ({
    message: "Cancel #w1111111.",
    opened: null,
    customerId: "ann_reed_1234",
    faults: [],
    history: [],
    facts: [{ tool: "get_order_details", args: { order_id: "#W1111111" }, result: { also: "#W2222222" } }],
    ...more,
  }) as PlanningState;

const plan = (...actions: Action[]): PlannerTurn => ({
  kind: "plan",
  call: { id: "p", name: "propose_plan", args: {} },
  plan: { actions, declined: [] },
});
const read = (...orders: string[]): PlannerTurn => ({
  kind: "read",
  calls: orders.map((order_id, at) => ({ id: `${at}`, name: "get_order_details", args: { order_id } })),
});

const codes = (turn: PlannerTurn, more: Partial<PlanningState> = {}): string[] =>
  raised(planFlags(state(more)), turn).map(({ code }) => code);

describe("a plan", () => {
  test("on the ticket's own order has none, in upper or lower case", () => {
    expect(codes(plan(cancel("#W1111111")))).toEqual([]);
  });

  test("on an order that the ticket leaves out contradicts it, though the facts name it", () => {
    expect(codes(plan(cancel("#W2222222")))).toEqual(["contradicts_request"]);
  });

  test("on any order is no contradiction where the ticket names none", () => {
    expect(codes(plan(cancel("#W2222222")), { message: "Cancel my order." })).toEqual([]);
  });

  test("with an id that nobody gave is unfounded, also where the planner thought it", () => {
    const thought = { id: "t", name: "think", args: { thought: "It may be #W3333333." } };
    const history = [{ role: "assistant" as const, content: "", toolCalls: [thought] }];
    expect(codes(plan(cancel("#W3333333")), { message: "Cancel my order.", history })).toEqual(["unfounded"]);
  });

  test("without end is too long", () => {
    expect(codes(plan(...Array.from({ length: 90 }, () => cancel("#W1111111"))))).toEqual(["too_long"]);
  });
});

describe("a look-up", () => {
  const history = [looked("#W1111111")];

  test("taken before is a repeated step", () => {
    expect(codes(read("#W1111111"), { history })).toEqual(["repeated_step"]);
  });

  test("is none beside a new one", () => {
    expect(codes(read("#W1111111", "#W2222222"), { history })).toEqual([]);
  });

  test.each([
    ["a refusal", fault({ route: "planner" })],
    ["a person's answer", fault({ category: "user-fixable", route: "ask_customer", answer: "yes" })],
  ])("may be taken once more after %s", (_, record) => {
    expect(codes(read("#W1111111"), { history, faults: [record] })).toEqual([]);
    const twice = [...history, looked("#W1111111", "2")];
    expect(codes(read("#W1111111"), { history: twice, faults: [record] })).toEqual(["repeated_step"]);
  });

  test("may not be taken again for the red flag that it got", () => {
    const flagged = fault({ node: "planner", code: "red_flag", route: "planner" });
    expect(codes(read("#W1111111"), { history, faults: [flagged] })).toEqual(["repeated_step"]);
  });
});
