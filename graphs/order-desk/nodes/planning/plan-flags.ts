/** Red flags on what a planner answers: what code can see is odd, before anybody builds on it. */
import { type RedFlag, redFlag, repeated, tooLong, unfounded } from "#src/consensus/index.ts";
import { type PlannerTurn, shopPolicy } from "../../prompts/index.ts";
import type { Action } from "../../tools/action.ts";
import { canonical } from "../../tools/canonical.ts";
import type { ReadToolName } from "../../tools/catalogue.ts";
import { refusalsFor, ticketOf } from "../ticket-of.ts";
import type { PlanningState } from "./state.ts";

/** Of a plan in characters of JSON. Seven actions with an address each take half of it. */
const longest = 6_000;

/**
 * An id or an amount that nobody gave, an address that is not the customer's, an order that the ticket leaves out, the same
 * look-up twice, a plan without end.
 */
export function planFlags(state: PlanningState): RedFlag<PlannerTurn>[] {
  const ticket = ticketOf(state);
  const given = [ticket, state.customerId, state.facts];
  const worked = state.history.filter(({ role }) => role === "tool").map(({ content }) => content);
  // Not by red flags: their words name what stands nowhere.
  const refused = refusalsFor(state.faults, "planner").filter(({ code }) => code !== "red_flag");
  const stale = new Set(staleReads(state));
  return [
    tooLong(longest, (turn) => JSON.stringify(actionsOf(turn)).length),
    unfounded(given, (turn) => JSON.stringify(actionsOf(turn))),
    // Reasons and questions reach the customer, and may say what was worked out and what the shop refused.
    unfounded([given, worked, refused, shopPolicy], (turn) =>
      turn.kind === "plan" ? JSON.stringify([turn.plan.declined, turn.plan.question]) : "",
    ),
    redFlag("address_of_nobody", (turn) => {
      const own = state.facts.filter(({ tool }) => ownRecords.has(tool));
      const known = new Set(wordsIn(JSON.stringify([ticket, own])));
      const strange = actionsOf(turn)
        .flatMap(addressIn)
        .filter((line) => wordsIn(line).some((word) => !known.has(word)));
      if (strange.length === 0) return undefined;
      return `Neither the customer's words nor their records have the address ${strange.join(", ")}. Take it as it stands there.`;
    }),
    redFlag("contradicts_request", (turn) => {
      const named = ordersIn(ticket);
      const others = ordersIn(actionsOf(turn)).filter((id) => !named.includes(id));
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

const actionsOf = (turn: PlannerTurn): readonly Action[] => (turn.kind === "plan" ? turn.plan.actions : []);

/** Customers write their orders with # and without. */
function ordersIn(value: unknown): string[] {
  const ids = JSON.stringify(value).match(/\bW\d+/gi) ?? [];
  return ids.map((id) => `#${id.toUpperCase()}`);
}

/** Look-ups that show the customer's own records. A product's text may say where to send things, and is not asked. */
const ownRecords: ReadonlySet<string> = new Set<ReadToolName>(["get_user_details", "get_order_details"]);

function addressIn({ arguments: given }: Action): string[] {
  return "address1" in given ? [given.address1, given.address2, given.city, given.zip] : [];
}

const wordsIn = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

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
