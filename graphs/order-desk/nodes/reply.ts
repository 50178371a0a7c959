/**
 * The reply: the model writes, code checks. An id or an amount that stands nowhere in what the model was given is a
 * red flag, and so is what belongs to another customer; the reply is discarded and written anew, never repaired.
 */
import { type RedFlag, tooLong, unflagged, unfounded } from "#src/consensus/index.ts";
import { contextOf, type DeskRuntime } from "../context.ts";
import { type Outcome, parseReply, type ReplyInput, replyMessages } from "../prompts/index.ts";
import type { Resources } from "../resources.ts";
import type { DeskState, DeskUpdate } from "../state.ts";
import { anothers } from "./anothers.ts";
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
    if (!contextOf(runtime).redFlags) return { replyText: text };
    const { customerId } = state;
    const flags = [...replyFlags(input), await anothers(resources, runtime, { text, customerId })];
    return { replyText: unflagged(runtime, flags, text) };
  };

/** In characters: the writer is told 150 words, and an outcome of many actions may take more. */
const longest = 4_000;

export function replyFlags({
  ticket,
  facts,
  outcome,
}: Pick<ReplyInput, "ticket" | "facts" | "outcome">): RedFlag<string>[] {
  return [tooLong(longest, (text) => text.length), unfounded([ticket, facts, outcome], (text) => text)];
}

export function outcomeOf({ plan, done, undone, stuck }: DeskState): Outcome {
  return { done, declined: plan?.declined ?? [], undone, stuck };
}
