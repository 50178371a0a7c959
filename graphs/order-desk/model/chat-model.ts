/**
 * The one place that builds the chat model: ChatOpenAI against any OpenAI-compatible endpoint. Nodes see
 * {@link ChatModel} only, so that a test can hand them a function.
 *
 * All retries are off here: the node's own policy retries, and layers of retries multiply (LangChain's caller
 * alone would make 7 calls of one, times 3 of the node). Nothing happens at import.
 */
import type { AIMessage, UsageMetadata } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import type { Message } from "../prompts/index.ts";
import { CheckedCompletions } from "./checked-completions.ts";
import { fromLangChain, toLangChain } from "./langchain-messages.ts";

export type Role = "intake" | "planner" | "inspector" | "challenger" | "reply";

export interface Tool {
  name: string;
  description: string;
  schema: z.ZodObject;
}

export interface Question {
  role: Role;
  /** Sent as header X-Thread, so that an endpoint's log, or a stand-in's faults, can be told apart by ticket. */
  thread: string;
  messages: readonly Message[];
  /** The model may call these, one at a time. */
  tools?: readonly Tool[];
  /** Asks the endpoint for a JSON object. The prompt must say so too. */
  json?: boolean;
  signal?: AbortSignal;
}

export interface ModelAnswer {
  message: Message;
  /** The model's name as the endpoint gave it. */
  model: string;
  usage: { inputTokens: number; outputTokens: number };
}

export interface ChatModel {
  /**
   * One call of the endpoint, never repeated.
   *
   * @throws Fault llm-recoverable "malformed_answer" or "bad_arguments": there is an answer, but no usable one.
   * @throws Whatever the OpenAI client throws for HTTP errors, timeouts, aborts and lost connections.
   */
  ask(question: Question): Promise<ModelAnswer>;
}

export interface ChatModelSettings {
  apiKey: string;
  /** With its version, such as `https://api.openai.com/v1`. Undefined: the OpenAI client's default. */
  baseUrl?: string;
  model: string;
  /** Per call. Default 60 000. */
  timeoutMs?: number;
}

export const defaultModel = "gpt-4.1-mini";

/** OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL; undefined without a key. An empty value counts as unset. */
export function settingsFromEnv(env: NodeJS.ProcessEnv = process.env): ChatModelSettings | undefined {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseUrl, OPENAI_MODEL: model } = env;
  if (!apiKey) return undefined;
  return { apiKey, model: model || defaultModel, ...(baseUrl ? { baseUrl } : {}) };
}

/**
 * The model to ask while the first one's breaker is open: OPENAI_FALLBACK_MODEL, at OPENAI_FALLBACK_BASE_URL with
 * OPENAI_FALLBACK_API_KEY, by default those of the first. Undefined where no model is named.
 */
export function fallbackFromEnv(env: NodeJS.ProcessEnv = process.env): ChatModelSettings | undefined {
  const { OPENAI_FALLBACK_MODEL: model, OPENAI_FALLBACK_BASE_URL: url, OPENAI_FALLBACK_API_KEY: key } = env;
  if (!model) return undefined;
  return settingsFromEnv({
    OPENAI_API_KEY: key || env.OPENAI_API_KEY,
    OPENAI_BASE_URL: url || env.OPENAI_BASE_URL,
    OPENAI_MODEL: model,
  });
}

export function openChatModel({ apiKey, baseUrl, model, timeoutMs = 60_000 }: ChatModelSettings): ChatModel {
  const fields = {
    apiKey,
    model,
    timeout: timeoutMs,
    maxRetries: 0,
    // Where LangGraph streams messages, LangChain would stream the call, and a streamed tool call that was cut off
    // gets its JSON repaired: half a plan would pass for a plan.
    streaming: false,
    useResponsesApi: false, // "compatible" endpoints know chat completions only
    ...(baseUrl ? { configuration: { baseURL: baseUrl } } : {}),
  };
  const client = new ChatOpenAI({ ...fields, completions: new CheckedCompletions(fields) });
  const functionTool = functionTools();

  return {
    async ask({ thread, messages, tools, json, signal }) {
      const answer: AIMessage = await client.invoke(messages.map(toLangChain), {
        options: { headers: { "X-Thread": thread } },
        ...(tools ? { tools: tools.map(functionTool), parallel_tool_calls: false } : {}),
        ...(json ? { response_format: { type: "json_object" as const } } : {}),
        ...(signal ? { signal } : {}),
      });
      return {
        message: fromLangChain(answer),
        model: String(answer.response_metadata.model_name ?? model),
        usage: tokens(answer.usage_metadata),
      };
    },
  };
}

/** An endpoint need not count. */
function tokens(usage: UsageMetadata | undefined): ModelAnswer["usage"] {
  return { inputTokens: usage?.input_tokens ?? 0, outputTokens: usage?.output_tokens ?? 0 };
}

interface FunctionTool {
  type: "function";
  function: { name: string; description: string; parameters: object };
}

/** Each tool is converted once: a role's tools never change, and the planner's schemas are large. */
function functionTools(): (tool: Tool) => FunctionTool {
  const known = new WeakMap<Tool, FunctionTool>();
  return (tool) => {
    const made = known.get(tool) ?? asFunctionTool(tool);
    known.set(tool, made);
    return made;
  };
}

/** `io: "input"`: what the model must write, so that a field with a default is not demanded. */
function asFunctionTool({ name, description, schema }: Tool): FunctionTool {
  const { $schema: _, ...parameters } = z.toJSONSchema(schema, { io: "input" });
  return { type: "function", function: { name, description, parameters } };
}
