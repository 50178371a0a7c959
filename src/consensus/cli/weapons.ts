/** Each weapon as a row: how often one step is wrong with it, and how many calls it takes. */
import { expectedVotes, kMin, majorityError, residualError } from "../reliability.ts";
import type { Question } from "./flags.ts";

export interface Weapon {
  readonly name: string;
  /** Chance that one step ends wrong. */
  readonly error: number;
  /** Calls a step, on average. */
  readonly calls: number;
  /** Drawn as a line of the plot. */
  readonly plotted: boolean;
}

/** None first. Votes only where one sample is right more often than not: else they make it worse. */
export function weapons(question: Question): Weapon[] {
  const error = 1 - question.p;
  const rows: Weapon[] = [
    { name: "none", error, calls: 1, plotted: true },
    { ...retried(question), plotted: true },
  ];
  if (error >= 0.5) return rows;
  for (const n of [3, 5])
    rows.push({ name: `majority of ${n}`, error: majorityError(n, error), calls: n, plotted: false });
  const enough = kMin(question.steps, error, question.target);
  for (const k of new Set([Math.min(2, enough), enough, enough + 1]))
    rows.push({
      name: `ahead by ${k}${k === enough ? " (k_min)" : ""}`,
      error: residualError(k, error),
      calls: expectedVotes(k, error),
      plotted: k <= enough,
    });
  return rows;
}

/**
 * An attempt crashes with e·c and is made again; it is wrong in silence with e·(1 - c), which no retry sees. With a the
 * attempts: right with p (1 - (ec)^a) / (1 - ec), after (1 - (ec)^a) / (1 - ec) calls.
 */
function retried({ p, crash, attempts }: Question): Omit<Weapon, "plotted"> {
  const crashes = (1 - p) * crash;
  const calls = (1 - crashes ** attempts) / (1 - crashes);
  return { name: `retry, ${attempts} attempts`, error: 1 - p * calls, calls };
}
