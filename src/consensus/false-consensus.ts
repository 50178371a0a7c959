/**
 * Votes that agree although they should not be trusted: too many samples of one model alike, or a unanimous vote that an
 * inspector refuses. Independent errors disagree with each other; a shared one does not, and no further vote finds it.
 *
 * Used after `vote` and after an inspector. It says so as an event and throws a fault of the category that the graph
 * chose: llm-recoverable goes to another model, user-fixable to a person, compensable to the graph's way out.
 */
import { emit } from "../events/index.ts";
import { type Category, Fault } from "../faults/index.ts";
import { type NodeRuntime, nodeName } from "../routing/index.ts";
import { binomialAtMost } from "./reliability.ts";
import type { Outcome } from "./vote.ts";

export interface Suspicion {
  /** As in the ballot. */
  readonly vote: string;
  /** Where the fault goes. */
  readonly as: Category;
}

export interface Expected extends Suspicion {
  /** Share of samples that differ from the winner where all is well, 0 to 1, as measured on questions like this one. */
  readonly dissent: number;
  /** How improbable so much agreement must be to be suspicious. Default 0.001. */
  readonly alpha?: number;
  /** Votes before this one, of the same kind, and how many of them dissented. Default none. */
  readonly earlier?: { readonly votes: number; readonly dissents: number };
}

/**
 * The outcome, unless samples of one model agree too well: with the dissent that is expected, so few would come with a
 * probability below `alpha` (lower tail of the binomial). Samples of several models are not suspected.
 *
 * A vote is short, and one that stops when it is decided is shorter where all agree: so sum up the votes of many questions
 * in `earlier`, and measure `dissent` on votes that ended in the same way.
 *
 * @throws Fault `as` "false_consensus".
 * @throws RangeError when `dissent` or `alpha` is no share, or `earlier` has more dissents than votes.
 */
export function trusted<Answer>(
  runtime: NodeRuntime,
  outcome: Outcome<Answer>,
  { vote, as, dissent, alpha = 0.001, earlier = { votes: 0, dissents: 0 } }: Expected,
): Outcome<Answer> {
  for (const [field, value] of Object.entries({ dissent, alpha }))
    if (!(value >= 0 && value <= 1))
      throw new RangeError(`trusted: ${field} must be a share from 0 to 1, got ${value}`);
  const whole = [earlier.votes, earlier.dissents].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!whole || earlier.dissents > earlier.votes)
    throw new RangeError(
      `trusted: earlier must have no more dissents than votes, got ${JSON.stringify(earlier)}`,
    );
  if (outcome.models > 1) return outcome;
  const counts = Object.values(outcome.votes);
  const votes = counts.reduce((sum, count) => sum + count, 0);
  const dissents = earlier.dissents + votes - (outcome.votes[outcome.winner] ?? 0);
  const probability = binomialAtMost(dissents, earlier.votes + votes, dissent);
  if (probability >= alpha) return outcome;
  const message = `${earlier.votes + votes} votes of one model with ${dissents} dissents: expected by chance in ${(100 * probability).toPrecision(2)} % of cases only.`;
  throw said(runtime, { vote, as }, "too_unanimous", message);
}

/** The fault for a unanimous vote that an inspector refused, with its reasons. The event is sent. */
export function contradicted(runtime: NodeRuntime, suspicion: Suspicion, reasons: readonly string[]): Fault {
  const message = `The vote was unanimous, and an eye from outside refuses it: ${reasons.join("; ")}`;
  return said(runtime, suspicion, "inspector_disagrees", message);
}

function said(
  runtime: NodeRuntime,
  { vote, as }: Suspicion,
  why: "too_unanimous" | "inspector_disagrees",
  message: string,
): Fault {
  emit(runtime, { type: "false_consensus", node: nodeName(runtime), vote, why, message });
  return new Fault(as, "false_consensus", message, { details: { vote, why } });
}
