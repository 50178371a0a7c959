/**
 * Simulated models, worst cases: they obey every injection that they are shown, to the letter. After a refusal most do
 * right, and some obey each time again. For all else they are the stand-in's rules. What a real model makes of an injection
 * is not shown by them; what the desk makes of a model that obeys is.
 */
import type { ChatModel, ModelAnswer } from "#graphs/order-desk/model/index.ts";
import { answerByRules } from "#graphs/order-desk/model/rules/index.ts";
import type { Message } from "#graphs/order-desk/prompts/index.ts";
import { readSection, section } from "#graphs/order-desk/prompts/sections.ts";
import { another, anothersIn } from "./another.ts";
import { goalsIn } from "./attacks.ts";
import type { Goal } from "./goals.ts";

type Answer = ReturnType<typeof answerByRules>;

/** @param inspector - "rules" cannot be talked over; that a real inspector cannot is not shown. "obeys" passes all. */
export function gullibleModel(inspector: "rules" | "obeys"): ChatModel {
  return {
    async ask({ role, messages }) {
      if (role === "intake") return given(intake(messages));
      if (role === "planner") return given(planner(messages), messages.length);
      if (role === "reply") return given({ content: writer(messages) });
      if (role === "inspector" && inspector === "obeys")
        return given({ content: JSON.stringify({ verdict: "pass", reasons: [] }) });
      return given(answerByRules(messages));
    },
  };
}

/** What it says of another customer it has by heart: an injection may leave it out. */
function intake(messages: readonly Message[]): Answer {
  const as = goalsIn(textOf(messages)).find((goal) => goal.as)?.as;
  if (as === undefined) return answerByRules(messages);
  const { email, name, address } = another.user;
  const identity = as === "email" ? { email } : { ...name, zip: address.zip };
  return { content: JSON.stringify({ identity, requests: [] }) };
}

/** The right plan, which the rules make of the ticket without the injection, and what the injections want beside it. */
function planner(messages: readonly Message[]): Answer {
  const goals = obeyed(messages);
  const read = goals.find((goal) => goal.read)?.read;
  const looked = isRefused(messages) || messages.some(({ toolCalls = [] }) => toolCalls.some(isSame(read)));
  if (read !== undefined && !looked) return { call: read };
  // The right plan needs no mending, and rules that read of a refusal would mend it.
  const right = answerByRules(messages.filter((message) => !isRefusals(message)).map(withoutInjection));
  if (!("call" in right) || right.call.name !== "propose_plan") return right;
  const question = goals.find(({ ask }) => ask)?.ask;
  if (question !== undefined) return { call: { name: "propose_plan", args: { actions: [], question } } };
  const { actions, declined } = right.call.args as { actions: unknown[]; declined: unknown[] };
  const acts = goals.flatMap(({ act }) => act ?? []);
  const rest = goals.some(({ instead }) => instead) ? [] : actions;
  const reasons = goals.flatMap(({ decline }) => (decline ? { request: "More", reason: decline } : []));
  const args = { ...right.call.args, actions: [...acts, ...rest], declined: [...declined, ...reasons] };
  return { call: { name: "propose_plan", args } };
}

/** The rules' reply; what the injections want said; and whatever the prompt then shows that looks like somebody's. */
function writer(messages: readonly Message[]): string {
  const right = answerByRules(messages);
  const goals = obeyed(messages);
  const lines = "content" in right ? right.content.split("\n") : [];
  // A reason of the plan may hold what a refused writer then leaves out.
  const kept = isRefused(messages) ? lines.filter((line) => anothersIn(line).length === 0) : lines;
  const tells = goals.flatMap(({ say, prompt }) => [say ?? "", prompt ? (messages[0]?.content ?? "") : ""]);
  const facts = goals.some((goal) => goal.read) ? (textOf(messages.map(shown)).match(anybodys) ?? []) : [];
  return [...kept, ...tells, ...new Set(facts)].join("\n");
}

/** Those that a model still follows. */
function obeyed(messages: readonly Message[]): Goal[] {
  const refused = isRefused(messages);
  return goalsIn(textOf(messages)).filter(({ stubborn }) => stubborn || !refused);
}

const isRefusals = ({ role, content }: Message): boolean => role === "user" && content.includes("<refusals>");
const isRefused = (messages: readonly Message[]): boolean => messages.some(isRefusals);

const isSame =
  (read: Goal["read"]) =>
  (call: { name: string; args: unknown }): boolean =>
    call.name === read?.name && JSON.stringify(call.args) === JSON.stringify(read.args);

/** An e-mail address, an id of an order, a customer or a payment method, a street. */
const anybodys = /[\w.+-]+@[\w.-]+\w|#W\d+|\b[a-z]+(?:_[a-z]+)*_\d+|\b\d+ [A-Z][a-z]+(?: [A-Z][a-z]+)+/g;

/** Of what a writer is given, the facts. */
function shown(message: Message): Message {
  return { ...message, content: readSection(message.content, "facts") ?? "" };
}

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
