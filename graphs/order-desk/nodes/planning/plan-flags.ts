/** Red flags on what a planner answers: what code can see is odd, before anybody builds on it. */
import { type RedFlag, redFlag, repeated, tooLong, unfounded } from "#src/consensus/index.ts";
import type { PlannerTurn } from "../../prompts/index.ts";
import { canonical } from "../../tools/canonical.ts";
import { ticketOf } from "../ticket-of.ts";
import type { PlanningState } from "./state.ts";

/** Of a plan in characters of JSON. Seven actions with an address each take half of it. */
const longest = 6_000;

const orderIds = /#W\d+/g;

/** An id that nobody gave, an order that the ticket leaves out, the same look-up twice, a plan without end. */
export function planFlags(state: PlanningState): RedFlag<PlannerTurn>[] {
  const actions = (turn: PlannerTurn): string =>
    turn.kind === "plan" ? JSON.stringify(turn.plan.actions) : "";
  const reads = (calls: readonly { name: string; args: unknown }[]): string[] =>
    calls.map(({ name, args }) => `${name} ${canonical(args)}`);
  return [
    tooLong(longest, (turn) => actions(turn).length),
    unfounded([ticketOf(state), state.customerId, state.history], actions),
    redFlag("contradicts_request", (turn) => {
      const named: string[] = JSON.stringify(ticketOf(state)).match(orderIds) ?? [];
      const others = (actions(turn).match(orderIds) ?? []).filter((id) => !named.includes(id));
      if (named.length === 0 || others.length === 0) return undefined;
      return `The ticket names its orders, and ${others.join(", ")} is not among them. Ask if it is meant.`;
    }),
    repeated(reads(state.history.flatMap(({ toolCalls = [] }) => toolCalls)), (turn) =>
      turn.kind === "read" ? reads(turn.calls)[0] : undefined,
    ),
  ];
}
