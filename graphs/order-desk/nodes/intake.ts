/**
 * Intake: read the message, find out who writes. Whoever cannot be found is asked, never guessed; and what the model says
 * of them counts only where the customer's own words have it.
 */
import { Fault } from "#src/faults/index.ts";
import { contextOf, type DeskRuntime } from "../context.ts";
import { type Identity, intakeMessages, parseIntake, type TicketText } from "../prompts/index.ts";
import type { Resources } from "../resources.ts";
import type { Shop } from "../shop/shop.ts";
import type { DeskState, DeskUpdate } from "../state.ts";
import { askModel } from "./ask-model.ts";
import { ticketOf } from "./ticket-of.ts";

export const intake =
  (resources: Resources) =>
  async (state: DeskState, runtime: DeskRuntime): Promise<DeskUpdate> => {
    const ticket = ticketOf(state);
    const messages = intakeMessages({ ticket });
    const { identity, requests } = parseIntake(
      await askModel(resources, runtime, { role: "intake", messages, json: true }),
    );
    const { shop } = await resources();
    return {
      requests,
      customerId: await identify(shop.on(contextOf(runtime).branch), stated(identity, ticket)),
    };
  };

/** Not what the desk's own questions have: one may name somebody whom a model made up before. */
function stated(identity: Identity, { message, answers }: TicketText): Identity {
  const words = [message, ...answers.map(({ answer }) => answer)].join("\n").toLowerCase();
  return Object.fromEntries(
    Object.entries(identity).filter(([, value]: [string, string]) => words.includes(value.toLowerCase())),
  );
}

/** @throws Fault user-fixable, with the question to the customer as its message. */
async function identify(shop: Shop, { email, first_name, last_name, zip }: Identity): Promise<string> {
  if (email !== undefined) {
    const found = await shop.findUserByEmail(email);
    if (found !== undefined) return found;
  }
  if (first_name !== undefined && last_name !== undefined && zip !== undefined) {
    const found = await shop.findUserByNameZip(first_name, last_name, zip);
    if (found !== undefined) return found;
  }
  const tried =
    email ?? (zip === undefined ? undefined : `${first_name ?? ""} ${last_name ?? ""}, ${zip}`.trim());
  throw tried === undefined
    ? new Fault(
        "user-fixable",
        "identity_missing",
        "Who are you? Please give your e-mail address, or your name and zip code.",
      )
    : new Fault(
        "user-fixable",
        "identity_unknown",
        `We know no customer "${tried}". Please give your e-mail address, or your name and zip code.`,
      );
}
