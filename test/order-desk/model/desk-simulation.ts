/**
 * The desk's planning and fulfilment without graph, database and HTTP: the real prompts, the real gates and the
 * shop's real rules around any model that answers messages. For tests of the rules on many tickets.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RuleAnswer } from "#graphs/order-desk/model/rules/index.ts";
import {
  factsOf,
  inspectorMessages,
  intakeMessages,
  type Message,
  type Plan,
  parseIntake,
  parseJudgement,
  parsePlannerTurn,
  plannerMessages,
  type Refusal,
  replyMessages,
  type TicketText,
  toolMessage,
} from "#graphs/order-desk/prompts/index.ts";
import type { Order, Records, ShopData, User } from "#graphs/order-desk/shop/records.ts";
import type { Action } from "#graphs/order-desk/tools/action.ts";
import { effectuate } from "#graphs/order-desk/tools/effectuate.ts";
import type { Effectuation } from "#graphs/order-desk/tools/effectuation.ts";
import { recordsOf } from "#graphs/order-desk/tools/write.ts";
import { isFault } from "#src/faults/index.ts";

export type Answerer = (messages: readonly Message[]) => RuleAnswer;

export interface Ending {
  /** Every record that differs from the shop as given. */
  changed: { orders?: Record<string, Order>; users?: Record<string, User> };
  plan?: Plan;
  /** Asked and not answered. */
  question?: string;
  /** What was refused to the planner on the way. */
  refusals: Refusal[];
  reply?: string;
}

export function readShopFiles(dir: string): ShopData {
  const read = (name: string) => JSON.parse(readFileSync(join(dir, name), "utf8"));
  return { orders: read("orders.json"), products: read("products.json"), users: read("users.json") };
}

/** @param answers - Of the customer, to the questions as they come; when they run out, the ticket ends asked. */
export async function runDesk(
  shop: ShopData,
  message: string,
  answer: Answerer,
  answers: readonly string[] = [],
): Promise<Ending> {
  const given = [...answers];
  const ticket: TicketText = { message, answers: [] };
  const refusals: Refusal[] = [];
  const put = (question: string): boolean => {
    const next = given.shift();
    if (next !== undefined) ticket.answers.push({ question, answer: next });
    return next !== undefined;
  };

  let customerId = identify(shop, parse(answer(intakeMessages({ ticket }))));
  while (customerId === undefined) {
    const question = "Who are you? Please give your e-mail address, or your name and zip code.";
    if (!put(question)) return { changed: {}, question, refusals };
    customerId = identify(shop, parse(answer(intakeMessages({ ticket }))));
  }

  let history: Message[] = [];
  for (let turn = 0; turn < 40; turn++) {
    const asked = answer(plannerMessages({ ticket, customerId, history, refusals }));
    const call = parsePlannerTurn(assistant(asked, `call_${turn}`));
    if (call.kind === "read") {
      const results = call.calls.map((read) => toolMessage(read, lookUp(shop, read.name, read.args)));
      history = [...history, { role: "assistant", content: "", toolCalls: call.calls }, ...results];
      continue;
    }
    const { plan } = call;
    if (plan.question !== undefined) {
      if (put(plan.question)) continue;
      return { changed: {}, question: plan.question, refusals };
    }
    const tried = await tryActions(shop, customerId, plan.actions);
    if (tried.refused.length > 0) {
      const reasons = tried.refused.map(({ reason }) => reason).join("; ");
      refusals.push({ code: "refused_by_shop", message: reasons, details: { refused: tried.refused } });
      continue;
    }
    const facts = factsOf(history);
    const verdict = parseJudgement(
      assistant(answer(inspectorMessages({ ticket, customerId, facts, plan })), ""),
    );
    if (verdict.verdict !== "pass") {
      const { reasons } = verdict;
      refusals.push({
        code: "refused_by_inspector",
        message: reasons.join("; "),
        details: { reasons, plan },
      });
      continue;
    }
    const done = plan.actions.map((action, index) => ({
      action,
      money: tried.effectuations[index]?.money ?? [],
    }));
    const outcome = { done, declined: plan.declined, undone: [], stuck: [] };
    const reply = answer(replyMessages({ ticket, facts, outcome, refusals: [] }));
    return {
      changed: tried.changed,
      plan,
      refusals,
      ...("content" in reply ? { reply: reply.content } : {}),
    };
  }
  throw new Error(`No plan after 40 turns for: ${message}`);
}

function parse(answer: RuleAnswer) {
  return parseIntake(assistant(answer, "")).identity;
}

function assistant(answer: RuleAnswer, id: string): Message {
  if ("content" in answer) return { role: "assistant", content: answer.content };
  // As over HTTP: what is undefined does not arrive.
  const args = JSON.parse(JSON.stringify(answer.call.args));
  return { role: "assistant", content: "", toolCalls: [{ id, name: answer.call.name, args }] };
}

function identify({ users }: ShopData, who: ReturnType<typeof parse>): string | undefined {
  const found = Object.entries(users).filter(([, { email, name, address }]) =>
    who.email === undefined
      ? name.first_name === who.first_name && name.last_name === who.last_name && address.zip === who.zip
      : email === who.email,
  );
  return found.length === 1 ? found[0]?.[0] : undefined;
}

function lookUp(shop: ShopData, tool: string, args: Record<string, unknown>): unknown {
  const { user_id, order_id, product_id } = args as Record<string, string>;
  const found =
    tool === "get_user_details"
      ? shop.users[user_id ?? ""]
      : tool === "get_order_details"
        ? shop.orders[order_id ?? ""]
        : shop.products[product_id ?? ""];
  if (!found) throw new Error(`${tool} ${JSON.stringify(args)} finds nothing`);
  return found;
}

async function tryActions(shop: ShopData, customerId: string, actions: readonly Action[]) {
  const orders: Record<string, Order> = {};
  const users: Record<string, User> = {};
  const records: Records = {
    order: async (id) => orders[id] ?? found(shop.orders[id], id),
    product: async (id) => found(shop.products[id], id),
    user: async (id) => users[id] ?? found(shop.users[id], id),
  };
  const refused: { action: Action; reason: string }[] = [];
  const effectuations: Effectuation[] = [];
  for (const action of actions) {
    try {
      const effectuation = await effectuate(records, customerId, action);
      const after = recordsOf(effectuation, "after");
      Object.assign(orders, after.orders);
      Object.assign(users, after.users);
      effectuations.push(effectuation);
    } catch (error) {
      if (!isFault(error) || error.category !== "llm-recoverable") throw error;
      refused.push({ action, reason: error.message });
    }
  }
  const changed = {
    ...(Object.keys(orders).length > 0 ? { orders } : {}),
    ...(Object.keys(users).length > 0 ? { users } : {}),
  };
  return { refused, effectuations, changed };
}

function found<T>(record: T | undefined, id: string): T {
  if (record === undefined) throw new Error(`There is no record ${id}`);
  return record;
}
