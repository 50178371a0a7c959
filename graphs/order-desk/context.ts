/**
 * What a run of the desk is given beside the ticket. Studio shows it as a form.
 *
 * LangGraph validates the context but does not fill in zod's defaults (measured on 1.7.3), so read it through
 * `contextOf`.
 */

import { z } from "zod";
import type { NodeRuntime } from "#src/routing/index.ts";

const limit = (meaning: string) => z.int().min(0).optional().describe(meaning);

export const deskContext = z.object({
  approvalLimit: z
    .number()
    .min(0)
    .optional()
    .describe("A person approves every plan that moves more money than this. Default 100."),
  redFlags: z
    .boolean()
    .optional()
    .describe("Discard plans and replies with a red flag, and ask again. Default true."),
  inspector: z
    .boolean()
    .optional()
    .describe("An inspector judges every plan by ticket and facts. Default true."),
  challenger: z
    .boolean()
    .optional()
    .describe("Fulfilment judges every action that it is sent before it does any. Default false."),
  votes: z
    .enum(["off", "big", "all"])
    .optional()
    .describe(
      "Which plans are voted on: none, those that move more money than voteAbove, or all. Default big.",
    ),
  voteAbove: z
    .number()
    .min(0)
    .optional()
    .describe("Plans that move more money than this are voted on. Default 500."),
  caseCalls: limit("Model calls that one case may make. Default 200."),
  caseTokens: limit("Tokens that one case may cost. Default 1,000,000."),
  threadCalls: limit("Model calls of all cases of a thread together. Default 2,000."),
  threadTokens: limit("Tokens of all cases of a thread together. Default 10,000,000."),
  tenant: z
    .string()
    .optional()
    .describe('Whose ticket it is: each tenant has model and tool calls of its own. Default "own".'),
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

type Complete<T> = { [Key in keyof T]-?: NonNullable<T[Key]> };

/** The context with its defaults. */
export function contextOf({ context }: Pick<DeskRuntime, "context">): Complete<DeskContext> {
  return {
    approvalLimit: context?.approvalLimit ?? 100,
    redFlags: context?.redFlags ?? true,
    inspector: context?.inspector ?? true,
    challenger: context?.challenger ?? false,
    votes: context?.votes ?? "big",
    voteAbove: context?.voteAbove ?? 500,
    caseCalls: context?.caseCalls ?? 200,
    caseTokens: context?.caseTokens ?? 1_000_000,
    threadCalls: context?.threadCalls ?? 2_000,
    threadTokens: context?.threadTokens ?? 10_000_000,
    tenant: context?.tenant ?? "own",
    branch: context?.branch ?? "main",
  };
}

/** The thread that a node runs on. LangGraph has none without a checkpointer; one run is then one thread. */
export function threadOf({ executionInfo }: DeskRuntime): string {
  // LangGraph hands on what the caller gave it, a number too.
  return String(executionInfo?.threadId ?? executionInfo?.checkpointNs.split("|")[0] ?? "unsaved");
}
