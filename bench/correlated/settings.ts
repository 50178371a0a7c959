/** What is simulated: error rates, k, remedies, and a row of figures for each. */
import { dpmo } from "#src/consensus/index.ts";
import type { Setting, Tally } from "./simulation.ts";

export const p = 0.05;
export const shares = [0, 0.1, 0.5] as const;
export const ks = [1, 2, 3, 4, 5] as const;

const alone = { models: 1, redFlags: false, inspector: false } as const;
export const remedies = {
  "vote alone": alone,
  "red flags": { ...alone, redFlags: true },
  "a second model": { ...alone, models: 2 },
  inspector: { ...alone, inspector: true },
  "all three": { models: 2, redFlags: true, inspector: true },
} as const satisfies Record<string, Pick<Setting, "models" | "redFlags" | "inspector">>;
export type Remedy = keyof typeof remedies;

export interface CorrelatedRow extends Tally {
  readonly correlated: number;
  readonly remedy: Remedy;
  readonly k: number;
}

export const rate = ({ wrong, steps }: Tally): number => dpmo(wrong / steps);
