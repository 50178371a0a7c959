/**
 * Budgets of model calls and tokens, for a run and for a thread: what stops a loop that no error ends.
 *
 * Counted in the `spent` channel, so that a crash or a resume gives no fresh budget. Used around the call itself, inside
 * the breaker and the bulkhead: what was refused there was not spent. Not a rate limit.
 *
 * A node's calls are written when it ends. What it called before a question of its own, an abort or a kill is lost with
 * its run, and a branch that is resumed beside one that is through does not see that one's calls until both are.
 */
import { Overwrite } from "@langchain/langgraph";
import { Fault } from "../faults/index.ts";
import { countSpent, forgetSpent, spentSince } from "../routing/attempts.ts";
import { faultState } from "../routing/fault-state.ts";
import type { NodeRuntime } from "../routing/index.ts";

/** A limit left out is none. */
export interface Budget {
  readonly calls?: number;
  readonly tokens?: number;
}

export interface Budgets {
  /** From one `newRun` to the next: a case, a ticket, a question. */
  readonly run?: Budget;
  /** Over all runs of the thread. */
  readonly thread?: Budget;
}

const scopes = ["run", "thread"] as const;
const kinds = ["calls", "tokens"] as const;

/**
 * Makes one model call and counts it, whether it succeeds or not, with the tokens of its answer.
 *
 * Within a run the limit on calls is exact, also for calls side by side. Tokens are known afterwards: the call that crosses that
 * limit is the last one.
 *
 * @param tokensOf - Tokens that the answer cost, those of the prompt included.
 * @throws Fault compensable "budget_spent" instead of the call, and whatever `call` throws.
 * @throws RangeError when a limit is none.
 */
export async function withinBudgets<Answer>(
  runtime: NodeRuntime,
  budgets: Budgets,
  call: () => Promise<Answer>,
  tokensOf: (answer: Answer) => number,
): Promise<Answer> {
  const { spent: saved = {} } = faultState(runtime, undefined);
  const spent = { ...saved, ...spentSince(runtime, saved) };
  for (const scope of scopes) {
    for (const kind of kinds) {
      const limit = budgets[scope]?.[kind];
      if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 0))
        throw new RangeError(`withinBudgets: ${scope}.${kind} must be a whole number from 0, got ${limit}`);
      const used = spent[`${scope}:${kind}`] ?? 0;
      if (limit !== undefined && used >= limit) throw budgetSpent(scope, kind, used, limit);
    }
  }
  const count = (kind: (typeof kinds)[number], more: number): void => {
    for (const scope of scopes) countSpent(runtime, `${scope}:${kind}`, more, saved);
  };
  count("calls", 1);
  const answer = await call();
  count("tokens", tokensOf(answer));
  return answer;
}

/** The update that begins the next run of the thread: its own budget anew, the thread's as it stands. */
export function newRun(runtime: NodeRuntime): { spent: Overwrite<Record<string, number>> } {
  const { spent = {} } = faultState(runtime, undefined);
  for (const kind of kinds) forgetSpent(runtime, `run:${kind}`);
  return {
    spent: new Overwrite(
      Object.fromEntries(Object.entries(spent).filter(([key]) => !key.startsWith("run:"))),
    ),
  };
}

function budgetSpent(scope: string, kind: string, spent: number, limit: number): Fault {
  const of = kind === "calls" ? "model calls" : "tokens";
  return new Fault("compensable", "budget_spent", `the ${scope}'s budget of ${limit} ${of} is spent`, {
    details: { scope, kind, spent, limit },
  });
}
