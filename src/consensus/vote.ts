/**
 * A vote over samples of one question: majority of n, or first to be ahead by k. What one sample gets wrong by chance,
 * the others outvote; what all get wrong alike, no vote finds (see docs/consensus.md, when not to vote).
 *
 * Used inside a node. It draws through what it is given, so that budgets, breaker and bulkhead stand around each sample,
 * and records each, so that a crash loses none. It never guesses: a tie and a spent budget are faults.
 */
import { setMaxListeners } from "node:events";
import { emit } from "../events/index.ts";
import { classify, Fault, isControlFlow, isWorse } from "../faults/index.ts";
import type { EffectTools } from "../recovery/index.ts";
import { type NodeRuntime, nodeName } from "../routing/index.ts";
import { type Raised, type RedFlag, raised } from "./red-flags.ts";
import type { Rule } from "./rules.ts";

export interface Ballot<Answer> {
  /** Names the vote in events, faults and the ledger. Votes that a node holds side by side need names of their own. */
  readonly name: string;
  readonly rule: Rule;
  /**
   * Draws a sample. Its number, from 1, says whom to ask and how: temperature 0 first and higher then, or another model
   * for each second one. May run again after a crash, as any model call. Through a bulkhead, which needs room for as many
   * as the rule can ask for at once (its k, or its quorum).
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
  /** Which model answered a sample: for events, and since agreement means more between several. Default: all of one. */
  readonly modelOf?: (sample: number, answer: Answer) => string;
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
 * @throws What `draw` throws, unless it is llm-recoverable, once the samples beside it are recorded: of several, the worst.
 *   A retry of the node draws only what is missing. What `canonical` and the flags throw.
 * @throws The signal's reason when the run was stopped: no sample is drawn any more.
 * @throws RangeError when `atMost` is less than what decides the vote at best, and when the node holds a vote of this name
 *   already: the ledger could not tell their samples apart.
 */
export async function vote<Answer>(runtime: NodeRuntime, ballot: Ballot<Answer>): Promise<Outcome<Answer>> {
  const { name, rule, atMost = 3 * rule.most } = ballot;
  const start = rule.standing(new Map());
  const least = "missing" in start ? start.missing : 1;
  if (!(Number.isSafeInteger(atMost) && atMost >= least))
    throw new RangeError(
      `vote ${name}: atMost must be a whole number from ${least} for "${rule.name}", got ${atMost}`,
    );
  const held = (runtime.executionInfo && heldIn.get(runtime.executionInfo)) ?? new Set();
  if (runtime.executionInfo !== undefined) heldIn.set(runtime.executionInfo, held);
  if (held.has(name))
    throw new RangeError(`vote ${name}: the node holds a vote of this name already, give it its own`);
  held.add(name);
  try {
    return await decided(runtime, ballot, atMost);
  } finally {
    held.delete(name);
  }
}

/** Names of the votes under way, by the node's attempt. */
const heldIn = new WeakMap<object, Set<string>>();

async function decided<Answer>(
  runtime: NodeRuntime,
  ballot: Ballot<Answer>,
  atMost: number,
): Promise<Outcome<Answer>> {
  const { name, rule, canonical, flags = [], modelOf = () => "" } = ballot;
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
    const { drawings, failures } = await samples(runtime, ballot, numbers);
    for (const { sample, drew } of drawings) {
      const odd = "odd" in drew ? drew.odd : raised(flags, drew.answer);
      if ("odd" in drew || odd.length > 0) {
        discarded += 1;
        for (const flag of odd) emit(runtime, { type: "red_flag", node, vote: name, sample, ...flag });
        continue;
      }
      const candidate = canonical(drew.answer);
      if (!first.has(candidate)) first.set(candidate, drew.answer);
      tally.set(candidate, (tally.get(candidate) ?? 0) + 1);
      const model = modelOf(sample, drew.answer);
      models.add(model);
      emit(runtime, { type: "vote_cast", node, vote: name, sample, model, candidate });
    }
    if (failures.length > 0) throw worst(failures, runtime.signal);
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

interface Batch<Answer> {
  readonly drawings: readonly { readonly sample: number; readonly drew: Drawn<Answer> }[];
  readonly failures: readonly unknown[];
}

/** In the order of their numbers, whichever came first, so that a run repeats itself. */
async function samples<Answer>(
  runtime: NodeRuntime,
  { name, draw, recorded }: Ballot<Answer>,
  numbers: readonly number[],
): Promise<Batch<Answer>> {
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
  return {
    drawings: settled.flatMap((outcome, index) =>
      outcome.status === "fulfilled" ? [{ sample: numbers[index] ?? 0, drew: outcome.value }] : [],
    ),
    failures: settled.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : [])),
  };
}

/** Control flow before all faults, then the fault that nothing else mends. */
function worst(failures: readonly unknown[], signal: AbortSignal | undefined): unknown {
  return failures.reduce((first, next) => {
    if (isControlFlow(first, signal)) return first;
    return isControlFlow(next, signal) || isWorse(classify(next).category, classify(first).category)
      ? next
      : first;
  });
}
