/**
 * Steps decided by the kit's vote rules over simulated samples, some of whose errors are common to all samples of a step.
 *
 * A sample errs at rate p. Of that, the share `correlated` comes from traps: steps on which every sample of a model gives
 * the same wrong answer. All other errors are independent, and all wrong answers are alike, which is a vote's worst case.
 */
import { aheadBy } from "#src/consensus/index.ts";

export interface Setting {
  readonly k: number;
  /** Error rate of one sample. */
  readonly p: number;
  /** Share of the errors that all samples of a step have in common. */
  readonly correlated: number;
  /** Samples come from so many models in turn, whose traps are independent of each other. */
  readonly models: 1 | 2;
  readonly redFlags: boolean;
  readonly inspector: boolean;
}

/** What the eyes outside are assumed to see; simulated, not measured on any model. */
export const assumed = {
  /** Share of wrong answers that look odd: too long, malformed, ids from nowhere. A trap's answers all do, or none. */
  flaggedWrong: 0.6,
  flaggedRight: 0.01,
  inspectorFinds: 0.9,
  inspectorObjects: 0.02,
} as const;

export interface Tally {
  readonly steps: number;
  /** Decided, and wrong: nobody hears of it. */
  readonly wrong: number;
  /** Not decided, or refused by the inspector: a fault, which the graph routes. */
  readonly routed: number;
  /** Samples, discarded ones too. */
  readonly drawn: number;
}

type Fate = "right" | "wrong" | "routed";

/** @param random - Uniform in [0, 1). */
export function simulated(setting: Setting, steps: number, random: () => number): Tally {
  const { p, correlated, models } = setting;
  const trapped = p * correlated;
  // What is left for chance, so that a sample errs at rate p in all.
  const byChance = (p - trapped) / (1 - trapped);
  const rule = aheadBy(setting.k);
  let wrong = 0;
  let routed = 0;
  let drawn = 0;

  for (let step = 0; step < steps; step++) {
    const traps = Array.from(
      { length: models },
      () => random() < trapped && { odd: random() < assumed.flaggedWrong },
    );
    const fate = inspected(decided(traps), setting.inspector, random);
    if (fate === "wrong") wrong += 1;
    if (fate === "routed") routed += 1;
  }
  return { steps, wrong, routed, drawn };

  function decided(traps: readonly (false | { odd: boolean })[]): Fate {
    const votes = new Map<string, number>();
    for (let sample = 0; sample < 3 * rule.most; sample++) {
      const standing = rule.standing(votes);
      if ("winner" in standing) return standing.winner as Fate;
      if ("hopeless" in standing) return "routed";
      drawn += 1;
      const trap = traps[sample % models];
      const right = !trap && random() >= byChance;
      const odd = trap ? trap.odd : random() < (right ? assumed.flaggedRight : assumed.flaggedWrong);
      if (setting.redFlags && odd) continue;
      const candidate = right ? "right" : "wrong";
      votes.set(candidate, (votes.get(candidate) ?? 0) + 1);
    }
    return "routed";
  }
}

function inspected(fate: Fate, inspector: boolean, random: () => number): Fate {
  if (!inspector || fate === "routed") return fate;
  const refuses = random() < (fate === "wrong" ? assumed.inspectorFinds : assumed.inspectorObjects);
  return refuses ? "routed" : fate;
}
