/**
 * The challenger by rules: looks at each action by itself, for a wish of the ticket that it fulfils and for the facts
 * behind it. It does not ask what is missing.
 */
import type { Judgement } from "#src/consensus/index.ts";
import type { Fact, TicketText } from "../../prompts/index.ts";
import type { Action } from "../../tools/action.ts";
import { covered } from "./covered.ts";
import { groundless } from "./groundless.ts";
import { readTicket } from "./read-ticket.ts";
import { shopFacts } from "./shop-facts.ts";

export interface ChallengerView {
  ticket: TicketText;
  customerId: string;
  facts: readonly Fact[];
  actions: readonly Action[];
}

export function challenge({ ticket, customerId, facts: read, actions }: ChallengerView): Judgement {
  const facts = shopFacts(read);
  const answers = ticket.answers.map(({ answer }) => answer);
  const readings = [ticket.message, ...answers].map(readTicket);
  const wishes = readings.flatMap((reading) => reading.wishes);
  const reasons = actions.flatMap((action) => {
    const problems = groundless(action, customerId, facts);
    // What these rules could not read they can't hold against an action.
    if (problems.length > 0 || readings[0]?.unread.length !== 0) return problems;
    if (covered(action, wishes, { customerId, facts, answers }).length > 0) return [];
    return [`Nothing in the ticket asks for ${action.name} ${JSON.stringify(action.arguments)}.`];
  });
  return { verdict: reasons.length === 0 ? "pass" : "reject", reasons };
}
