/**
 * The table's logic alone: given a fault and how often each route was taken, which node runs next, and why.
 *
 * Pure, so that every row and bound can be read and tested without a graph.
 */
import type { Category, Fault } from "../faults/index.ts";

export interface Routes<Node extends string> {
  /** Back to the model, which sees the fault in state. After `rounds` (default 3) it becomes `spent` (default "user-fixable"). */
  readonly llmRecoverable?: {
    readonly backTo: Node;
    readonly rounds?: number;
    readonly spent?: "user-fixable" | "compensable";
  };
  /** A node made by `askHuman`. */
  readonly userFixable?: Node;
  /** The node that begins the compensation branch. */
  readonly compensable?: Node;
  /** A node made by `bubbleUp`. */
  readonly unexpected: Node;
}

export interface Decision<Node extends string> {
  /** The category that the fault ended in: a spent one becomes the next. */
  readonly category: Category;
  readonly to: Node;
  readonly why: string;
  /** The key in the `rounds` channel that bounds this route, and its new value. */
  readonly counter: string;
  readonly round: number;
}

const LLM_ROUNDS = 3;
/** The bound of the rows that a person or a compensation stands in: nobody is asked the same for ever. */
export const LIMIT = 10;

/**
 * Every path ends: a spent row falls to a later one, never back, and every row counts. The last row needs a person
 * who runs the thread on, so it has no bound of its own.
 *
 * @param rounds - The `rounds` channel: how often each route of each node was taken before.
 */
export function decide<Node extends string>(
  routes: Routes<Node>,
  node: string,
  fault: Pick<Fault, "category">,
  rounds: Readonly<Record<string, number>>,
): Decision<Node> {
  const rows: Partial<Record<Category, Row<Node>>> = {
    "llm-recoverable": {
      to: routes.llmRecoverable?.backTo,
      limit: routes.llmRecoverable?.rounds ?? LLM_ROUNDS,
      spent: routes.llmRecoverable?.spent ?? "user-fixable",
    },
    "user-fixable": { to: routes.userFixable, limit: LIMIT, spent: "compensable" },
    compensable: { to: routes.compensable, limit: LIMIT, spent: "unexpected" },
  };
  // Only LangGraph's RetryPolicy retries, so a transient fault that reaches the table is a spent one.
  let category: Category = fault.category === "transient" ? "compensable" : fault.category;
  let why = reasons[fault.category];
  for (let row = rows[category]; row !== undefined; row = rows[category]) {
    const counter = `${node}:${category}`;
    const round = (rounds[counter] ?? 0) + 1;
    if (row.to !== undefined && round <= row.limit) return { category, to: row.to, why, counter, round };
    if (row.to !== undefined) why = `${row.limit} rounds of ${category} spent`;
    category = row.spent;
  }
  const counter = `${node}:unexpected`;
  return { category, to: routes.unexpected, why, counter, round: (rounds[counter] ?? 0) + 1 };
}

interface Row<Node extends string> {
  readonly to: Node | undefined;
  readonly limit: number;
  readonly spent: Category;
}

const reasons: Record<Category, string> = {
  transient: "retries spent",
  "llm-recoverable": "the model can mend it",
  "user-fixable": "a person can mend it",
  compensable: "it cannot go on",
  unexpected: "a bug, or an invariant broken",
};

/** @throws RangeError for a bound that is none. */
export function checkRoutes({ llmRecoverable }: Routes<string>): void {
  const rounds = llmRecoverable?.rounds;
  if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds >= 0))
    throw new RangeError(`errorRoutes: llmRecoverable.rounds must be a whole number from 0, got ${rounds}`);
}

/** Every node that a handler with these rows can go to. */
export function targets<Node extends string>(routes: Routes<Node>): Node[] {
  const all = [routes.llmRecoverable?.backTo, routes.userFixable, routes.compensable, routes.unexpected];
  return [...new Set(all.filter((to) => to !== undefined))];
}
