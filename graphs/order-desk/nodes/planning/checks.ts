/**
 * Which check of a draft comes next. The gates always check; vote, inspector and challenger as the context has it. A
 * draft that passes the last one is the plan.
 */
import { contextOf, type DeskRuntime } from "../../context.ts";
import { canonicalPlan } from "../../tools/canonical.ts";
import type { PlanningState } from "./state.ts";

export type Check = "gates" | "vote" | "inspector" | "challenger";

type Checked = Pick<PlanningState, "draft" | "gated" | "voted" | "estimates">;

const order: readonly Check[] = ["gates", "vote", "inspector", "challenger"];

/** What may follow each check, for LangGraph to draw. */
export const follows = {
  gates: ["vote", "inspector", "challenger", "accept"],
  vote: ["gates", "inspector", "challenger", "accept"],
  inspector: ["challenger", "accept"],
} as const satisfies Partial<Record<Check, readonly (Check | "accept")[]>>;

/** Money that a plan moves, by what the gates worked out. */
export const atStake = ({ estimates }: Checked): number =>
  estimates.reduce((sum, { value }) => sum + value, 0);

/** The edge behind a check that the draft has passed. */
export const after =
  (check: Check) =>
  (state: Checked, runtime: DeskRuntime): Check | "accept" => {
    const { votes, voteAbove, inspector, challenger } = contextOf(runtime);
    const draft = state.draft === null ? null : canonicalPlan(state.draft);
    // Another one than the gates saw: a vote chose it.
    if (check === "vote" && state.gated !== draft) return "gates";
    const wanted: Record<Check, boolean> = {
      gates: false,
      vote: state.voted !== draft && (votes === "all" || (votes === "big" && atStake(state) > voteAbove)),
      inspector,
      challenger,
    };
    return order.slice(order.indexOf(check) + 1).find((next) => wanted[next]) ?? "accept";
  };
