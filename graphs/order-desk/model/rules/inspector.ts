/**
 * The inspector by rules. It does not plan and compare: it takes each action and looks for the wish and the facts
 * behind it, and then for wishes without an action. So a slip in the planner's rules does not repeat itself here.
 */
import type { Judgement } from "#src/consensus/index.ts";
import type { Fact, Plan, TicketText } from "../../prompts/index.ts";
import type { Action } from "../../tools/action.ts";
import { covered } from "./covered.ts";
import { groundless } from "./groundless.ts";
import { readTicket } from "./read-ticket.ts";
import { shopFacts } from "./shop-facts.ts";
import type { Wish } from "./wish.ts";

export interface InspectorView {
  ticket: TicketText;
  customerId: string;
  facts: readonly Fact[];
  plan: Plan;
}

export function inspect({ ticket, customerId, facts: read, plan }: InspectorView): Judgement {
  const facts = shopFacts(read);
  const reasons = plan.actions.flatMap((action) => groundless(action, customerId, facts));
  if (reasons.length > 0) return { verdict: "reject", reasons };

  const answers = ticket.answers.map(({ answer }) => answer);
  const readings = [ticket.message, ...answers].map(readTicket);
  const left = new Set(readings.flatMap(({ wishes }) => wishes));
  for (const action of plan.actions) {
    const wishes = covered(action, [...left], { customerId, facts, answers });
    if (wishes.length > 0) for (const wish of wishes) left.delete(wish);
    // What these rules could not read they can't hold against the plan.
    else if (readings[0]?.unread.length === 0)
      reasons.push(`Nothing in the ticket asks for ${describe(action)}.`);
  }
  for (const wish of left) {
    if (!isDeclined(wish, plan)) reasons.push(`"${wish.words}" is neither done nor declined.`);
  }
  return { verdict: reasons.length === 0 ? "pass" : "reject", reasons };
}

function isDeclined(wish: Wish, { declined }: Plan): boolean {
  const order = wish.kind === "default_address" ? undefined : wish.order;
  return declined.some(
    ({ request }) => request.includes(wish.words) || (order !== undefined && request.includes(order)),
  );
}

function describe({ name, arguments: args }: Action): string {
  return `${name} ${JSON.stringify(args)}`;
}
