/**
 * Corrupts what the desk's planner says, as AutoInject does (Huang et al., arXiv:2408.00989): a message is hit with
 * probability Pm, and in one that is hit each sentence with probability Pe. There a model rewrites the sentence; here a
 * seeded program does, so that a run repeats itself. Stands between the planner's model and the desk; no other role is hit.
 *
 * A planner's sentences are its tool calls: each action of a plan, and each look-up. One that is hit still looks right:
 * what it says is replaced by something of the same kind that stands in the conversation.
 */
import { createHash } from "node:crypto";
import type { ChatModel, Question } from "#graphs/order-desk/model/index.ts";
import type { Message } from "#graphs/order-desk/prompts/index.ts";

export interface Corruption {
  /** Share of messages that are hit, 0 to 1. */
  readonly messages: number;
  /** Share of sentences within them. */
  readonly sentences: number;
  readonly seed: number;
}

/** Pm of the published experiments. */
export const messageShare = 0.2;

/** @param onHit - Hears of each message that was changed. */
export function corrupted(model: ChatModel, corruption: Corruption, onHit: () => void = () => {}): ChatModel {
  const calls = new Map<string, number>();
  return {
    async ask(question) {
      if (question.role !== "planner") return model.ask(question);
      const { thread } = question;
      const call = (calls.get(thread) ?? 0) + 1;
      calls.set(thread, call);
      const answer = await model.ask(question);
      const dice = diceOf([corruption.seed, thread, call]);
      if (dice() >= corruption.messages) return answer;
      const message = rewritten(answer.message, question, corruption.sentences, dice);
      if (JSON.stringify(message) !== JSON.stringify(answer.message)) onHit();
      return { ...answer, message };
    },
  };
}

type Dice = () => number;
type Args = Record<string, unknown>;

function rewritten(message: Message, { messages }: Question, share: number, dice: Dice): Message {
  const said = messages.map(({ content }) => content).join("\n");
  const toolCalls = message.toolCalls?.map((call) => {
    if (call.name !== "propose_plan")
      return dice() < share ? { ...call, args: wrong(call.args, said, dice) } : call;
    const actions = (call.args.actions ?? []) as { name: string; arguments: Args }[];
    const left = actions.flatMap((action) => {
      if (dice() >= share) return [action];
      // One sentence in six is not there any more.
      if (dice() < 1 / 6) return [];
      return [{ ...action, arguments: wrong(action.arguments, said, dice) }];
    });
    return { ...call, args: { ...call.args, actions: left } };
  });
  return toolCalls === undefined ? message : { ...message, toolCalls };
}

/** One of the arguments, replaced. The same arguments where nothing of its kind is known. */
function wrong(args: Args, said: string, dice: Dice): Args {
  const fields = Object.keys(args).filter((field) => field in kinds || field.endsWith("item_ids"));
  const field = drawn(fields, dice);
  if (field === undefined) return args;
  const value = args[field];
  if (!Array.isArray(value)) return { ...args, [field]: other(field, String(value), said, dice) };
  const at = Math.floor(dice() * value.length);
  return { ...args, [field]: value.with(at, other("item_id", String(value[at]), said, dice)) };
}

/** What a value of each kind looks like, to find others of it. */
const kinds: Readonly<Record<string, RegExp>> = {
  order_id: /#W\d+/g,
  user_id: /\b[a-z]+_[a-z]+_\d{4}\b/g,
  product_id: /(?<="product_id": ?")\d{10}/g,
  item_id: /(?<="item_id": ?"|")\d{10}(?=")/g,
  payment_method_id: /\b(?:credit_card|gift_card|paypal)_\d{7}\b/g,
  reason: /no longer needed|ordered by mistake/g,
  address1: /\b\d{3} [A-Z]\w+ \w+/g,
  city: /(?<="city": ?")[^"]+/g,
  zip: /\b\d{5}\b/g,
};

function other(field: string, value: string, said: string, dice: Dice): string {
  const kind = kinds[field] ?? /$^/;
  const choices = [...new Set(said.match(kind))].filter((choice) => choice !== value);
  return drawn(choices, dice) ?? value;
}

function drawn<T>(from: readonly T[], dice: Dice): T | undefined {
  return from[Math.floor(dice() * from.length)];
}

/** Uniform in [0, 1), from a key: the same key, the same throws. */
function diceOf(key: readonly (string | number)[]): Dice {
  let thrown = 0;
  return () => {
    const digest = createHash("sha256")
      .update([...key, thrown++].join("\u0000"))
      .digest();
    return digest.readUInt32BE(0) / 2 ** 32;
  };
}
