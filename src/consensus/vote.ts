/**
 * A vote over samples of one question: majority of n, or first to be ahead by k. What one sample gets wrong by chance,
 * the others outvote; what all get wrong alike, no vote finds (see docs/consensus.md, when not to vote).
 *
 * Used inside a node. It draws through what it is given, so that budgets, breaker and bulkhead stand around each sample,
 * and records each, so that a crash loses none. It never guesses: a tie and a spent budget are faults.
 */
import { setMaxListeners } from "node:events";
import { emit } from "../events/index.ts";
import { classify, Fault, isControlFlow } from "../faults/index.ts";
import type { EffectTools } from "../recovery/index.ts";
import { type NodeRuntime, nodeName } from "../routing/index.ts";
import { type Raised, type RedFlag, raised } from "./red-flags.ts";
import type { Rule } from "./rules.ts";

export interface Ballot<Answer> {
  /** Names the vote in events, faults and the ledger. One node may hold several votes of different names. */
  readonly name: string;
  readonly rule: Rule;
  /**
   * Draws a sample. Its number, from 1, says whom to ask and how: temperature 0 first and higher then, or another model
   * for each second one. May run again after a crash, as any model call.
   *
   * @returns The answer, as JSON: so it is recorded.
   * @throws What is llm-recoverable by `classify`, for an answer that is none: discarded as if it had a red flag.
   */
  readonly draw: (sample: number) => Promise<Answer>;
  /**
   * Answers with equal canonical forms are votes for one candidate. `clusters` makes one for texts. What it throws, the
   * vote throws: whether an answer has a form at all is a flag's to say.
   */
  readonly canonical: (answer: Answer) => string;
  readonly flags?: readonly RedFlag<Answer>[];
  /** Which model answers a sample: for events, and since agreement means more between several. Default: all of one. */
  readonly modelOf?: (sample: number) => string;
  /** Samples in all, discarded ones too. Default: three times what the rule allows. */
  readonly atMost?: number;
  /** From `effects(ledger)`. For a sample that is a pure function of its number, `unrecorded`. */
  readonly recorded: EffectTools<never>["recorded"];
}

export interface Outcome<Answer> {
  /** The first of the answers that won. */
  readonly answer: Answer;
  readonly winner: string;
  /** Votes by candidate. */
  readonly votes: Readonly<Record<string, number>>;
  /** Samples drawn, discarded ones too. */
  readonly drawn: number;
  readonly discarded: number;
  readonly unanimous: boolean;
  /** How many models the votes are of. */
  readonly models: number;
}

/** For `Ballot.recorded`: draws again after a crash. */
export const unrecorded: Ballot<unknown>["recorded"] = (_runtime, _name, run) => run();

/**
 * Draws side by side as many samples as the outcome needs at least, and again, until it is decided.
 *
 * @throws Fault compensable "vote_tied" or "no_quorum" when nobody can win any more, "vote_spent" when what is left of
 *   `atMost` cannot decide it; the details have the votes. The graph says where they go.
 * @throws What `draw` throws, unless it is llm-recoverable, once the samples beside it are recorded: a retry of the node
 *   draws only what is missing. What `canonical` and the flags throw.
 * @throws The signal's reason when the run was stopped: no sample is drawn any more.
 * @throws RangeError when `atMost` is no whole number from 1.
 */
export async function vote<Answer>(runtime: NodeRuntime, ballot: Ballot<Answer>): Promise<Outcome<Answer>> {
  const { name, rule, canonical, flags = [], modelOf = () => "", atMost = 3 * rule.most } = ballot;
  if (!(Number.isSafeInteger(atMost) && atMost >= 1))
    throw new RangeError(`vote ${name}: atMost must be a whole number from 1, got ${atMost}`);
  // A model call listens in up to ten places, where Node takes more than ten in all for a leak. The signal ends with its run.
  if (runtime.signal !== undefined) setMaxListeners(Number.POSITIVE_INFINITY, runtime.signal);
  const node = nodeName(runtime);
  const tally = new Map<string, number>();
  const first = new Map<string, Answer>();
  const models = new Set<string>();
  let drawn = 0;
  let discarded = 0;

  for (;;) {
    const standing = rule.standing(tally);
    if ("winner" in standing) {
      const { winner } = standing;
      const votes = Object.fromEntries(tally);
      emit(runtime, {
        type: "vote_decided",
        node,
        vote: name,
        rule: rule.name,
        winner,
        votes,
        drawn,
        discarded,
      });
      // Every candidate of the tally was put there with its first answer.
      const answer = first.get(winner) as Answer;
      return { answer, winner, votes, drawn, discarded, unanimous: tally.size === 1, models: models.size };
    }
    if ("hopeless" in standing) throw undecided(standing.hopeless === "tie" ? "vote_tied" : "no_quorum");
    if (standing.missing > atMost - drawn) throw undecided("vote_spent");

    runtime.signal?.throwIfAborted();
    const numbers = Array.from({ length: standing.missing }, (_, index) => drawn + index + 1);
    drawn += numbers.length;
    for (const { sample, drew } of await samples(runtime, ballot, numbers)) {
      const odd = "odd" in drew ? drew.odd : raised(flags, drew.answer);
      if ("odd" in drew || odd.length > 0) {
        discarded += 1;
        for (const flag of odd) emit(runtime, { type: "red_flag", node, vote: name, sample, ...flag });
        continue;
      }
      const candidate = canonical(drew.answer);
      if (!first.has(candidate)) first.set(candidate, drew.answer);
      tally.set(candidate, (tally.get(candidate) ?? 0) + 1);
      const model = modelOf(sample);
      models.add(model);
      emit(runtime, { type: "vote_cast", node, vote: name, sample, model, candidate });
    }
  }

  function undecided(code: "vote_tied" | "no_quorum" | "vote_spent"): Fault {
    const votes = Object.fromEntries(tally);
    emit(runtime, {
      type: "vote_undecided",
      node,
      vote: name,
      rule: rule.name,
      code,
      votes,
      drawn,
      discarded,
    });
    const words = `The vote "${name}" (${rule.name}) is not decided after ${drawn} samples, ${discarded} of them discarded.`;
    return new Fault("compensable", code, words, { details: { votes, drawn, discarded } });
  }
}

type Drawn<Answer> = { readonly answer: Answer } | { readonly odd: readonly Raised[] };

/** In the order of their numbers, whichever came first, so that a run repeats itself. */
async function samples<Answer>(
  runtime: NodeRuntime,
  { name, draw, recorded }: Ballot<Answer>,
  numbers: readonly number[],
): Promise<{ sample: number; drew: Drawn<Answer> }[]> {
  const settled = await Promise.allSettled(
    numbers.map((sample) =>
      recorded(runtime, `model:vote ${name} ${sample}`, async (): Promise<Drawn<Answer>> => {
        try {
          return { answer: await draw(sample) };
        } catch (error) {
          if (isControlFlow(error, runtime.signal)) throw error;
          const { category, code, message } = classify(error);
          if (category !== "llm-recoverable") throw error;
          return { odd: [{ code, message }] };
        }
      }),
    ),
  );
  return settled.map((outcome, index) => {
    if (outcome.status === "rejected") throw outcome.reason;
    return { sample: numbers[index] ?? 0, drew: outcome.value };
  });
}
