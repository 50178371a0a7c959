/**
 * What a run of the desk is given beside the ticket. Studio shows it as a form.
 *
 * LangGraph validates the context but does not fill in zod's defaults (measured on 1.7.3), so read it through
 * `contextOf`.
 */

import { z } from "zod";
import type { NodeRuntime } from "#src/routing/index.ts";

export const deskContext = z.object({
  approvalLimit: z
    .number()
    .min(0)
    .optional()
    .describe("A person approves every plan that moves more money than this. Default 100."),
  branch: z
    .string()
    .optional()
    .describe(
      'The branch of the shop to work on. Default "main", the shop itself; a trial run takes one of its own.',
    ),
});

export type DeskContext = z.infer<typeof deskContext>;

/** The second argument of every node of the desk. */
export type DeskRuntime = NodeRuntime<DeskContext>;

export function contextOf(runtime: Pick<DeskRuntime, "context">): { approvalLimit: number; branch: string } {
  return {
    approvalLimit: runtime.context?.approvalLimit ?? 100,
    branch: runtime.context?.branch ?? "main",
  };
}

/** The thread that a node runs on. LangGraph has none without a checkpointer; one run is then one thread. */
export function threadOf(runtime: DeskRuntime): string {
  return runtime.executionInfo?.threadId ?? runtime.executionInfo?.checkpointNs.split("|")[0] ?? "unsaved";
}
