/** Approval: a person confirms what moves money. Below the context's limit nobody is asked. */

import { z } from "zod";
import { ask } from "#src/routing/index.ts";
import { contextOf, type DeskRuntime } from "../context.ts";
import type { DeskState, DeskUpdate } from "../state.ts";

const yesOrNo = z
  .string({ error: "please answer yes or no" })
  .trim()
  .toLowerCase()
  .pipe(z.enum(["yes", "no"], { error: "please answer yes or no" }));

export function approval({ plan, estimates }: DeskState, runtime: DeskRuntime): DeskUpdate {
  const value = estimates.reduce((sum, estimate) => sum + estimate.value, 0);
  if (value <= contextOf(runtime).approvalLimit) return { approved: true };

  const list = estimates.map(({ summary }) => summary).join("; ");
  const question = `Shall this be done? ${list}. Money at stake: ${value.toFixed(2)}.`;
  const answer = ask(runtime, { node: "approval", question, options: ["yes", "no"] }, yesOrNo);
  if (answer === "yes") return { approved: true };
  const refused = estimates.map(({ summary }) => ({ request: summary, reason: "it was not approved" }));
  return { approved: false, plan: { actions: [], declined: [...(plan?.declined ?? []), ...refused] } };
}
