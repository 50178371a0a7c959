/**
 * A chat message as state keeps it: plain JSON, so that it survives any checkpointer and any version of
 * LangChain's message classes. `model/langchain-messages.ts` turns it into what ChatOpenAI takes.
 */
import { z } from "zod";

export const toolCallSchema = z.object({
  id: z.string(),
  name: z.string(),
  args: z.record(z.string(), z.unknown()),
});

export const messageSchema = z.object({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: z.string(),
  /** Only on an assistant message: what the model wants to call. */
  toolCalls: z.array(toolCallSchema).optional(),
  /** Only on a tool message: which call this is the result of. */
  toolCallId: z.string().optional(),
});

export type ToolCall = z.infer<typeof toolCallSchema>;
export type Message = z.infer<typeof messageSchema>;

/** The result of one tool call, as the model reads it. */
export function toolMessage(call: ToolCall, result: unknown): Message {
  return { role: "tool", content: JSON.stringify(result), toolCallId: call.id };
}
