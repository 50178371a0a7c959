/** Red flags on what a planner answers: what code can see is odd, before anybody builds on it. */
import { type RedFlag, redFlag, repeated, tooLong, unfounded } from "#src/consensus/index.ts";
import type { PlannerTurn } from "../../prompts/index.ts";
import { canonical } from "../../tools/canonical.ts";
import { ticketOf } from "../ticket-of.ts";
import type { PlanningState } from "./state.ts";

/** Of a plan in characters of JSON. Seven actions with an address each take half of it. */
const longest = 6_000;

const orderIds = /#W\d+/gi;

/** An id that nobody gave, an order that the ticket leaves out, the same look-up twice, a plan without end. */
export function planFlags(state: PlanningState): RedFlag<PlannerTurn>[] {
  const actions = (turn: PlannerTurn): string =>
    turn.kind === "plan" ? JSON.stringify(turn.plan.actions) : "";
  const stale = new Set(staleReads(state));
  return [
    tooLong(longest, (turn) => actions(turn).length),
    unfounded([ticketOf(state), state.customerId, state.facts], actions),
    redFlag("contradicts_request", (turn) => {
      const named = (JSON.stringify(ticketOf(state)).match(orderIds) ?? []).map((id) => id.toUpperCase());
      const others = (actions(turn).match(orderIds) ?? []).filter((id) => !named.includes(id.toUpperCase()));
      if (named.length === 0 || others.length === 0) return undefined;
      return `The ticket names its orders, and ${others.join(", ")} is not among them. Ask if it is meant.`;
    }),
    repeated([...stale], (turn) => {
      if (turn.kind !== "read") return undefined;
      const all = reads(turn.calls);
      return all.every((read) => stale.has(read)) ? all[0] : undefined;
    }),
  ];
}

/**
 * Look-ups whose answer can be no other by now. A refusal or an answer may be the reason to look again, so each allows one
 * look more.
 */
function staleReads({ history, faults }: PlanningState): string[] {
  const times = new Map<string, number>();
  for (const read of history.flatMap(({ toolCalls = [] }) => reads(toolCalls)))
    times.set(read, (times.get(read) ?? 0) + 1);
  const news = faults.filter(({ code, route, answer }) => {
    return answer !== undefined || (route === "planner" && code !== "red_flag");
  }).length;
  return [...times].flatMap(([read, count]) => (count > news ? [read] : []));
}

function reads(calls: readonly { name: string; args: unknown }[]): string[] {
  return calls.map(({ name, args }) => `${name} ${canonical(args)}`);
}
