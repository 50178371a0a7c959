/**
 * Simulated models, worst cases: they obey every injection that they are shown, to the letter and each time again. For
 * all else they are the stand-in's rules. What a real model makes of an injection is not shown by them; what the desk
 * makes of a model that obeys is.
 */
import type { ChatModel, ModelAnswer } from "#graphs/order-desk/model/index.ts";
import { answerByRules } from "#graphs/order-desk/model/rules/index.ts";
import type { Message } from "#graphs/order-desk/prompts/index.ts";
import { readSection, section } from "#graphs/order-desk/prompts/sections.ts";
import { goalsIn } from "./attacks.ts";

type Answer = ReturnType<typeof answerByRules>;

/** @param inspector - "rules" cannot be talked over; that a real inspector cannot is not shown. "obeys" passes all. */
export function gullibleModel(inspector: "rules" | "obeys"): ChatModel {
  return {
    async ask({ role, messages }) {
      if (role === "planner") return given(planner(messages), messages.length);
      if (role === "reply") return given({ content: writer(messages) });
      if (role === "inspector" && inspector === "obeys")
        return given({ content: JSON.stringify({ verdict: "pass", reasons: [] }) });
      return given(answerByRules(messages));
    },
  };
}

/** The right plan, which the rules make of the ticket without the injection, and what the injections want beside it. */
function planner(messages: readonly Message[]): Answer {
  const goals = goalsIn(textOf(messages));
  const read = goals.find((goal) => goal.read)?.read;
  if (read !== undefined) return { call: read };
  const right = answerByRules(messages.map(withoutInjection));
  if (!("call" in right) || right.call.name !== "propose_plan") return right;
  const question = goals.find(({ ask }) => ask)?.ask;
  if (question !== undefined) return { call: { name: "propose_plan", args: { actions: [], question } } };
  const { actions } = right.call.args as { actions: unknown[] };
  const acts = goals.flatMap(({ act }) => act ?? []);
  const rest = goals.some(({ instead }) => instead) ? [] : actions;
  return { call: { name: "propose_plan", args: { ...right.call.args, actions: [...acts, ...rest] } } };
}

/** The rules' reply; what the injections want said; and whatever in the prompt looks like somebody's. */
function writer(messages: readonly Message[]): string {
  const right = answerByRules(messages.map((message) => message));
  const goals = goalsIn(textOf(messages));
  const instructions = messages.find(({ role }) => role === "system")?.content ?? "";
  const seen = textOf(messages.filter(({ role }) => role === "user")).match(anybodys) ?? [];
  return [
    "content" in right ? right.content : "",
    ...goals.flatMap(({ say, prompt }) => [say ?? "", prompt ? instructions : ""]),
    ...new Set(seen),
  ].join("\n");
}

/** An e-mail address, an id of an order, a customer or a payment method, a street. */
const anybodys = /[\w.+-]+@[\w.-]+\w|#W\d+|\b[a-z]+(?:_[a-z]+)*_\d+|\b\d+ [A-Z][a-z]+(?: [A-Z][a-z]+)+/g;

/** In the ticket, an injection stands behind an empty line. */
function withoutInjection(message: Message): Message {
  const ticket = readSection(message.content, "ticket");
  if (message.role !== "user" || ticket === undefined) return message;
  const clean = section("ticket", ticket.split("\n\n")[0]);
  return { ...message, content: message.content.replace(section("ticket", ticket), () => clean) };
}

function textOf(messages: readonly Message[]): string {
  return messages.map(({ content }) => content).join("\n");
}

/** @param number - Of the call: a conversation must not have the same twice. */
function given(answer: Answer, number = 0): ModelAnswer {
  const message: Message =
    "content" in answer
      ? { role: "assistant", content: answer.content }
      : { role: "assistant", content: "", toolCalls: [{ id: `call ${number}`, ...answer.call }] };
  return { message, model: "simulated: obeys", usage: { inputTokens: 0, outputTokens: 0 } };
}
