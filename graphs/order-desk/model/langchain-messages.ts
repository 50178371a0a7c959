/** Between the plain messages of state and LangChain's message classes. Used by `chat-model.ts` alone. */
import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  SystemMessage,
  ToolMessage,
} from "@langchain/core/messages";
import { Fault } from "#src/faults/index.ts";
import type { Message } from "../prompts/index.ts";

/** @throws TypeError for a tool message that does not say which call it answers. */
export function toLangChain(message: Message): BaseMessage {
  switch (message.role) {
    case "system":
      return new SystemMessage(message.content);
    case "user":
      return new HumanMessage(message.content);
    case "assistant":
      return new AIMessage({
        content: message.content,
        tool_calls: (message.toolCalls ?? []).map((call) => ({ ...call, type: "tool_call" as const })),
      });
    case "tool":
      if (message.toolCallId === undefined) throw new TypeError("A tool message needs its toolCallId.");
      return new ToolMessage({ content: message.content, tool_call_id: message.toolCallId });
  }
}

/**
 * What the model answered, as plain JSON.
 *
 * @throws Fault llm-recoverable "malformed_answer": empty, or cut off at the token limit.
 */
export function fromLangChain(answer: AIMessage): Message {
  if (answer.response_metadata.finish_reason === "length") {
    throw new Fault(
      "llm-recoverable",
      "malformed_answer",
      "The answer was cut off at the token limit. Be shorter.",
    );
  }
  const toolCalls = (answer.tool_calls ?? []).map(({ id, name, args }, index) => ({
    id: id ?? `call_${index}`, // the protocol wants one; some endpoints leave it out
    name,
    args,
  }));
  const content = answer.text;
  if (toolCalls.length === 0 && content.trim() === "") {
    throw new Fault("llm-recoverable", "malformed_answer", "The answer is empty.");
  }
  return { role: "assistant", content, ...(toolCalls.length > 0 ? { toolCalls } : {}) };
}
