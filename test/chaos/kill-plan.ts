/** When and where each process of the desk is to die. From seed and number alone, so that a seed repeats it. */
import type { CrashPoint } from "#src/recovery/index.ts";
import type { Draw } from "./draw.ts";

export type KillPlan =
  /** Counted from the word to begin, while it still opens the database and sets up its tables. */
  | { readonly at: "opening"; readonly ms: number }
  /** Counted from when it took up its first ticket. */
  | { readonly at: "work"; readonly ms: number }
  | { readonly at: CrashPoint; readonly pass: number; readonly missedMs: number };

/**
 * The share of each; the latest pass that is drawn, about as often as the desk passes there in a second or two; and
 * after how much work a process that did not come there is killed. To a compensation a ticket has a long way.
 */
const points: readonly (readonly [CrashPoint, share: number, passes: number, missedMs: number])[] = [
  ["after-claim", 0.1, 20, 3000],
  ["after-effect-before-record", 0.1, 20, 3000],
  ["after-record-before-checkpoint", 0.1, 20, 3000],
  ["inside-error-handler", 0.1, 2, 3000],
  ["inside-compensation", 0.05, 1, 8000],
  ["inside-retention", 0.1, 5, 3000],
];
const openingShare = 0.05;
const longestOpeningMs = 400;
const longestWorkMs = 1500;

export function killPlan(draw: Draw, process: number): KillPlan {
  let rest = draw.share("kill", process);
  for (const [at, share, passes, missedMs] of points) {
    if (rest < share) return { at, pass: draw.between(1, passes, "pass", process), missedMs };
    rest -= share;
  }
  return rest < openingShare
    ? { at: "opening", ms: draw.between(0, longestOpeningMs, "ms", process) }
    : { at: "work", ms: draw.between(0, longestWorkMs, "ms", process) };
}

/** The environment that arms it. */
export function armed(plan: KillPlan | undefined): Record<string, string> {
  if (plan === undefined || plan.at === "opening" || plan.at === "work") return {};
  return { NODE_ENV: "test", FAULTLINE_CRASH_POINT: `${plan.at}@${plan.pass}` };
}
