/**
 * The planner by rules: from the ticket and what was read so far to the next tool call. It keeps no memory: each
 * turn it works everything out anew, so a resumed conversation goes on as if nothing had happened.
 */
import type { Fact, Refusal, TicketText } from "../../prompts/index.ts";
import { mergeByOrder } from "./merge.ts";
import { type Call, type Declined, type Planned, propose, question } from "./propose.ts";
import { readTicket } from "./read-ticket.ts";
import { resolve } from "./resolve.ts";
import { shopFacts } from "./shop-facts.ts";
import { type Ask, asker, type Step } from "./step.ts";
import type { Wish } from "./wish.ts";

export interface PlannerView {
  customerId: string;
  ticket: TicketText;
  facts: readonly Fact[];
  refusals: readonly Refusal[];
}

export function nextCall({ customerId, ticket, facts: read, refusals }: PlannerView): Call {
  const ask = asker(ticket.answers);
  const facts = shopFacts(read);
  const user = facts.users.get(customerId);
  if (!user) return { name: "get_user_details", args: { user_id: customerId } };

  const reading = understood(ticket.message, ask);
  const planned: Planned[] = [];
  const declined = reading.declined;
  for (const wish of reading.wishes) {
    const step = resolve(wish, { customerId, user, facts, ask });
    if ("read" in step) return step.read;
    if ("ask" in step) return question(step.ask);
    if ("decline" in step) declined.push({ request: wish.words, reason: step.decline });
    else planned.push({ action: step.value, words: wish.words });
  }
  if (reading.ask !== undefined) return question(reading.ask);
  const merged = mergeByOrder(planned, ask);
  if ("ask" in merged) return question(merged.ask);
  return propose(merged.planned, [...declined, ...merged.declined], refusals, ask);
}

interface Understood {
  wishes: Wish[];
  declined: Declined[];
  /** About the first passage that no rule could read. */
  ask?: string;
}

/** The ticket's wishes, and those of the answers to what could not be read at first. */
function understood(message: string, ask: Ask): Understood {
  const { wishes, unread } = readTicket(message);
  const all: Understood = { wishes: [...wishes], declined: [] };
  for (const passage of unread) {
    const step: Step<Wish[]> = ask(
      `I can't make out this part: "${passage}" What shall I do about it?`,
      (answer) => {
        const again = readTicket(answer);
        return again.unread.length === 0 && again.wishes.length > 0 ? again.wishes : undefined;
      },
    );
    if ("value" in step) all.wishes.push(...step.value);
    else if ("decline" in step) all.declined.push({ request: passage, reason: step.decline });
    else if ("ask" in step) all.ask ??= step.ask;
  }
  return all;
}
