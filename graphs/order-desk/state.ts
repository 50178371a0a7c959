/**
 * The desk's state: one case, from the customer's message to the checked reply. Plain JSON throughout.
 *
 * Every field but the fault channels belongs to the current case and is cleared when a new message opens the
 * next one. The planning subgraph adds its own private fields (`nodes/planning`), which never come up here.
 */

import { z } from "zod";
import { supervisionChannels } from "#src/isolation/index.ts";
import { faultChannels } from "#src/routing/index.ts";
import { factSchema, planSchema } from "./prompts/index.ts";
import { actionSchema } from "./tools/action.ts";

export const moneySchema = z.object({
  method: z.string(),
  kind: z.enum(["charge", "refund"]),
  amount: z.number(),
});

/** What one planned action will do, as the gates worked it out before anything was done. */
export const estimateSchema = z.object({ summary: z.string(), value: z.number() });

export const doneSchema = z.object({ action: actionSchema, money: z.array(moneySchema) });

export const deskState = z.object({
  message: z.string().default("").describe("The customer's message"),
  caseNumber: z.number().default(0).describe("Counts the messages on this thread"),
  opened: z.string().nullable().default(null).describe("The message of the case that is not ended yet"),
  requests: z.array(z.string()).default([]).describe("What the customer wants, a sentence each"),
  customerId: z.string().nullable().default(null).describe("Who the customer turned out to be"),
  facts: z.array(factSchema).default([]).describe("What the shop's read tools said"),
  plan: planSchema.nullable().default(null).describe("The plan that passed every check"),
  estimates: z.array(estimateSchema).default([]).describe("What each action of the plan will do"),
  approved: z.boolean().nullable().default(null).describe("Whether the plan may be carried out"),
  done: z.array(doneSchema).default([]).describe("Actions that were done and stand"),
  undone: z.array(actionSchema).default([]).describe("Actions that were done and then taken back"),
  stuck: z.array(actionSchema).default([]).describe("Actions that could not be taken back"),
  carriedOut: z
    .enum(["no", "done", "compensated"])
    .default("no")
    .describe("How far the plan was carried out"),
  trouble: z.string().nullable().default(null).describe("Why the desk gave the case to staff"),
  parked: z.string().nullable().default(null).describe("What the case waits for, put aside as it is"),
  told: z.boolean().default(false).describe("Whether the customer was told that the case is parked"),
  replyText: z.string().nullable().default(null).describe("The checked reply to the customer"),
  mailed: z.boolean().nullable().default(null).describe("Whether the reply was sent"),
  ...faultChannels,
  ...supervisionChannels,
});

/** What a client sends. The rest of the state is the desk's own. */
export const deskInput = deskState.pick({ message: true });

export type DeskState = z.infer<typeof deskState>;
export type DeskUpdate = Partial<DeskState>;
