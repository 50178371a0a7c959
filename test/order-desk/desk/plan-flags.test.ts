/** The red flags on a planner's answers: what each finds, and what it must leave alone. */
import { describe, expect, test } from "vitest";
import { planFlags } from "#graphs/order-desk/nodes/planning/plan-flags.ts";
import type { PlanningState } from "#graphs/order-desk/nodes/planning/state.ts";
import type { Plan, PlannerTurn } from "#graphs/order-desk/prompts/index.ts";
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

const move = (address1: string, zip: string): Action => ({
  name: "modify_pending_order_address",
  arguments: {
    order_id: "#W1111111",
    address1,
    address2: "",
    city: "Boston",
    state: "MA",
    zip,
    country: "USA",
  },
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

  test("on an order that the customer wrote without its mark has none", () => {
    expect(codes(plan(cancel("#W1111111")), { message: "Cancel W1111111 and #W2222222." })).toEqual([]);
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

  describe("with an address", () => {
    const drop = move("99 Drop Street", "02139");
    const source = (tool: string, text: string) => ({
      message: "Send #W1111111 elsewhere.",
      facts: [{ tool, args: {}, result: { text } }],
    });
    const shown = "To 99 Drop Street, Boston 02139.";

    test("of the customer's words or records has none", () => {
      expect(codes(plan(drop), { message: `Send #W1111111 elsewhere. ${shown}` })).toEqual([]);
      expect(codes(plan(drop), source("get_user_details", shown))).toEqual([]);
      expect(codes(plan(drop), source("get_order_details", shown))).toEqual([]);
    });

    test("that a product's text asks for is nobody's, also where no number betrays it", () => {
      expect(codes(plan(drop), source("get_product_details", shown))).toEqual(["address_of_nobody"]);
      const plain = { message: "Send #W1111111 elsewhere. I am in Boston 02139." };
      expect(codes(plan(move("Drop Street", "02139")), plain)).toEqual(["address_of_nobody"]);
    });
  });

  test("whose reasons or questions name what nobody gave is unfounded: both reach the customer", () => {
    const turn = (words: Partial<Plan>) =>
      ({ ...plan(), plan: { actions: [], declined: [], ...words } }) as PlannerTurn;
    const declined = [{ request: "refund", reason: "It is 913.37." }];
    expect(codes(turn({ declined }))).toEqual(["unfounded"]);
    expect(codes(turn({ question: "Was it card 4929112233445566?" }))).toEqual(["unfounded"]);
    const worked = [{ role: "tool" as const, content: '"913.37"', toolCallId: "c" }];
    expect(codes(turn({ declined }), { history: worked })).toEqual([]);
    const told = (code: string) => fault({ code, message: "It names 913.37.", route: "planner" });
    expect(codes(turn({ declined }), { faults: [told("refused_by_shop")] })).toEqual([]);
    expect(codes(turn({ declined }), { faults: [told("red_flag")] })).toEqual(["unfounded"]);
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
