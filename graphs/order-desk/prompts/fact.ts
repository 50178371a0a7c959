/**
 * A fact is the result of one read tool, as the shop gave it. The inspector and the reply writer get facts,
 * never the planner's conversation: an error in its reasoning must not reach those who check it. So what the planner
 * thought or worked out is no fact, though it called a tool for it.
 */
import { z } from "zod";
import type { ReadToolName } from "../tools/catalogue.ts";
import type { Message, ToolCall } from "./message.ts";

export const factSchema = z.object({
  tool: z.string(),
  args: z.record(z.string(), z.unknown()),
  result: z.unknown(),
});

export type Fact = z.infer<typeof factSchema>;

/** Their arguments are the planner's own words, and they show nothing of the shop. */
const ownWords: ReadonlySet<string> = new Set<ReadToolName>(["think", "calculate"]);

/** The facts in a planner's conversation: each tool result with the call that asked for it, in order. */
export function factsOf(history: readonly Message[]): Fact[] {
  const calls = new Map<string, ToolCall>();
  for (const message of history) for (const call of message.toolCalls ?? []) calls.set(call.id, call);
  return history.flatMap((message) => {
    const call = message.toolCallId === undefined ? undefined : calls.get(message.toolCallId);
    return call && !ownWords.has(call.name)
      ? [{ tool: call.name, args: call.args, result: parseResult(message.content) }]
      : [];
  });
}

function parseResult(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return content; // a tool may answer in prose, such as the reason for a refusal
  }
}
