/**
 * What the stand-in answers: rules written for this desk, which read the conversation and nothing else. They are no
 * model, and they never see what a ticket's right end would be.
 */
import { z } from "zod";
import { factSchema, factsOf, type Message, planSchema, ticketTextSchema } from "../../prompts/index.ts";
import { readJsonSection, readSection } from "../../prompts/sections.ts";
import { actionSchema } from "../../tools/action.ts";
import { challenge } from "./challenger.ts";
import { inspect } from "./inspector.ts";
import { intake } from "./intake.ts";
import { nextCall } from "./planner.ts";
import type { Call } from "./propose.ts";
import { reply } from "./reply.ts";
import { nextScriptedCall, type ScriptedTicket } from "./scripted.ts";

export type { ScriptedTicket } from "./scripted.ts";

export type RuleAnswer = { content: string } | { call: Call };

const refusalsSchema = z.array(
  z.object({ code: z.string(), message: z.string(), details: z.unknown().optional() }),
);
const moneySchema = z.object({ method: z.string(), kind: z.enum(["charge", "refund"]), amount: z.number() });
const outcomeSchema = z.object({
  done: z.array(z.object({ action: actionSchema, money: z.array(moneySchema) })),
  declined: z.array(z.object({ request: z.string(), reason: z.string() })),
  undone: z.array(actionSchema),
  stuck: z.array(actionSchema),
});

/**
 * @param script - Given, the planner proposes what it names; the other roles stay by rules.
 * @throws RangeError for a conversation of no role of this desk.
 */
export function answerByRules(messages: readonly Message[], script?: readonly ScriptedTicket[]): RuleAnswer {
  const system = messages.find(({ role }) => role === "system")?.content ?? "";
  const prompt = messages.flatMap(({ role, content }) => (role === "user" ? [content] : [])).join("\n");
  const role =
    /^You are the (intake clerk|planner|inspector|fulfilment clerk|reply writer) of a retail support desk\./.exec(
      system,
    )?.[1];
  switch (role) {
    case "intake clerk":
      return { content: JSON.stringify(intake(ticket(prompt))) };
    case "planner": {
      const view = {
        customerId: readSection(prompt, "customer_id") ?? "",
        ticket: ticket(prompt),
        facts: factsOf(messages),
        refusals: refusalsSchema.parse(readJsonSection(prompt, "refusals") ?? []),
      };
      return { call: script ? nextScriptedCall(script, view) : nextCall(view) };
    }
    case "inspector": {
      const verdict = inspect({
        ticket: ticket(prompt),
        customerId: readSection(prompt, "customer_id") ?? "",
        facts: z.array(factSchema).parse(readJsonSection(prompt, "facts")),
        plan: planSchema.parse(readJsonSection(prompt, "plan")),
      });
      return { content: JSON.stringify(verdict) };
    }
    case "fulfilment clerk": {
      const judgement = challenge({
        ticket: ticket(prompt),
        customerId: readSection(prompt, "customer_id") ?? "",
        facts: z.array(factSchema).parse(readJsonSection(prompt, "facts")),
        actions: z.array(actionSchema).parse(readJsonSection(prompt, "actions")),
      });
      return { content: JSON.stringify(judgement) };
    }
    case "reply writer": {
      const view = {
        facts: z.array(factSchema).parse(readJsonSection(prompt, "facts")),
        outcome: outcomeSchema.parse(readJsonSection(prompt, "outcome")),
        refusals: refusalsSchema.parse(readJsonSection(prompt, "refusals") ?? []),
      };
      return { content: reply(view) };
    }
    default:
      throw new RangeError(
        `These rules answer the roles of the order desk only, not: "${system.slice(0, 60)}"`,
      );
  }
}

function ticket(prompt: string) {
  return ticketTextSchema.parse({
    message: readSection(prompt, "ticket"),
    answers: readJsonSection(prompt, "answers"),
  });
}
