/** What the planner hears of a judge's refusal: the reasons, and the plan, which stands in no conversation of its own. */
import type { Judgement } from "#src/consensus/index.ts";
import { Fault } from "#src/faults/index.ts";
import { plainJson } from "#src/recovery/index.ts";
import type { Plan } from "../../prompts/index.ts";

export function refusal(by: "inspector" | "challenger", { verdict, reasons }: Judgement, plan: Plan): Fault {
  const code = `${verdict === "amend" ? "amended" : "refused"}_by_${by}`;
  return new Fault("llm-recoverable", code, reasons.join("; "), {
    details: { reasons, plan: plainJson(plan) },
  });
}
