/**
 * ChatOpenAI's completions client, which looks at a tool call's raw arguments first. LangChain's own way with
 * arguments that are not JSON is a warning on the console about outdated packages; here it is a Fault.
 */
import type { BaseMessage } from "@langchain/core/messages";
import { ChatOpenAICompletions, type OpenAIClient } from "@langchain/openai";
import { Fault } from "#src/faults/index.ts";

export class CheckedCompletions extends ChatOpenAICompletions {
  /** @throws Fault llm-recoverable "bad_arguments" */
  protected override _convertCompletionsMessageToBaseMessage(
    message: OpenAIClient.Chat.ChatCompletionMessage,
    rawResponse: OpenAIClient.Chat.ChatCompletion,
  ): BaseMessage {
    for (const call of message.tool_calls ?? []) if (call.type === "function") requireJson(call.function);
    return super._convertCompletionsMessageToBaseMessage(message, rawResponse);
  }
}

function requireJson({ name, arguments: args }: { name: string; arguments: string }): void {
  try {
    JSON.parse(args);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    const message = `The arguments of ${name} are not JSON: ${problem}`;
    throw new Fault("llm-recoverable", "bad_arguments", message, { cause, details: { tool: name } });
  }
}
