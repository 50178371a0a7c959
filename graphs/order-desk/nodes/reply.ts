/**
 * The reply: the model writes, code checks. An id or an amount that stands nowhere in what the model was given is a
 * red flag; the reply is discarded and written anew, never repaired.
 */
import { Fault } from "#src/faults/index.ts";
import type { DeskRuntime } from "../context.ts";
import { type Outcome, parseReply, type ReplyInput, replyMessages } from "../prompts/index.ts";
import type { Resources } from "../resources.ts";
import type { DeskState, DeskUpdate } from "../state.ts";
import { askModel } from "./ask-model.ts";
import { refusalsFor, ticketOf } from "./ticket-of.ts";

export const reply =
  (resources: Resources) =>
  async (state: DeskState, runtime: DeskRuntime): Promise<DeskUpdate> => {
    const input: ReplyInput = {
      ticket: ticketOf(state),
      facts: state.facts,
      outcome: outcomeOf(state),
      refusals: refusalsFor(state.faults, "reply"),
    };
    const text = parseReply(
      await askModel(resources, runtime, { role: "reply", messages: replyMessages(input) }),
    );
    const flags = unfounded(text, input);
    if (flags.length > 0) {
      const message = `The reply names ${flags.join(", ")}, which stands neither in the facts nor in the outcome.`;
      throw new Fault("llm-recoverable", "red_flag", message, { details: { flags } });
    }
    return { replyText: text };
  };

/** Ids (with letters, digits, `_`, `#`) and numbers of two digits or more; small numbers are counts and days. */
const claims = /#?[A-Za-z]*_?[A-Za-z_]*\d[\d,.]*\d\w*/g;
const waitingDays = "5 to 7 business days";

/** What a reply states that its writer was not given. */
export function unfounded(
  text: string,
  { ticket, facts, outcome }: Pick<ReplyInput, "ticket" | "facts" | "outcome">,
): string[] {
  const given = new Set(JSON.stringify([ticket, facts, outcome]).match(claims)?.flatMap(forms));
  const stated = text.replaceAll(waitingDays, "").match(claims) ?? [];
  return [...new Set(stated.filter((claim) => !forms(claim).some((form) => given.has(form))))];
}

/** A claim as text and, where it is an amount, as a number: 54 and 54.00 are the same. */
function forms(claim: string): string[] {
  const bare = claim.replace(/[.,]+$/, "").replace(/^#/, "");
  const amount = Number(bare.replaceAll(",", ""));
  return Number.isFinite(amount) ? [bare, amount.toFixed(2)] : [bare];
}

export function outcomeOf({ plan, done, undone, stuck }: DeskState): Outcome {
  return { done, declined: plan?.declined ?? [], undone, stuck };
}
