/** The intake clerk by rules. */
import type { Identity, TicketText } from "../../prompts/index.ts";
import { readTicket } from "./read-ticket.ts";
import { identityIn } from "./sentence-parts.ts";

export function intake({ message, answers }: TicketText): { identity: Identity; requests: string[] } {
  const aboutIdentity = answers.filter(({ question }) => /\be-?mail\b|\bzip\b/i.test(question));
  const identity: Identity = identityIn(message);
  for (const { answer } of aboutIdentity) Object.assign(identity, identityIn(answer));
  const { wishes, unread } = readTicket(message);
  return { identity, requests: [...wishes.map(({ words }) => words), ...unread] };
}
