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
    rows.push({ name: `majority of ${n}`, error: majorityError(n, error), calls: n, plotted: n === 3 });
  const enough = kMin(question.steps, error, question.target);
  for (const k of around(enough))
    rows.push({
      name: `ahead by ${k}${k === enough ? " (k_min)" : ""}`,
      error: residualError(k, error),
      calls: expectedVotes(k, error),
      plotted: k === enough || (k === 2 && enough > 2),
    });
  return rows;
}

/** From 2, since ahead by 1 is one sample, to one beyond what is enough; of many, the first and the last. */
function around(enough: number): number[] {
  const first = [2, 3, 4, 5, 6, 7, 8].filter((k) => k < enough);
  return [...first, enough, enough + 1];
}

/**
 * An attempt crashes with e·c and is made again; it is wrong in silence with e·(1 - c), which no retry sees. With a the
 * attempts: 1 + ec + … + (ec)^(a-1) calls, each with that chance of silence, and (ec)^a that all of them crash.
 */
function retried({ p, crash, attempts }: Question): Omit<Weapon, "plotted"> {
  const crashes = (1 - p) * crash;
  const silent = (1 - p) * (1 - crash);
  let calls = 0;
  for (let made = 0; made < attempts; made++) calls += crashes ** made;
  return {
    name: `retry, ${attempts} attempts`,
    error: Math.min(1, silent * calls + crashes ** attempts),
    calls,
  };
}
