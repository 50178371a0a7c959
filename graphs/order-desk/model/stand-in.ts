/**
 * A stand-in for a model: an OpenAI-compatible server on loopback, so that ChatOpenAI's whole path is used without
 * a key. aimock is the server; `rules/` are its answers; the name of its model says that it is none.
 *
 * aimock injects faults by chance or by test id. Which call of which ticket is to fail is decided here instead, by
 * a mount in front of its handlers, which sets aimock's own fault headers on the request.
 */
import type { IncomingMessage } from "node:http";
import { type ChatCompletionRequest, type FixtureResponse, LLMock } from "@copilotkit/aimock";
import type { Message } from "../prompts/index.ts";
import type { ModelFault, Scene } from "../scene.ts";
import { answerByRules, type RuleAnswer, type ScriptedTicket } from "./rules/index.ts";
import { modelWeather } from "./stand-in-faults.ts";

export const STAND_IN_MODEL = "faultline-stand-in (rules, not a model)";

export interface StandInOptions {
  /** The planner proposes what this says for each ticket, instead of what the rules say. */
  script?: readonly ScriptedTicket[];
  /** Share of calls that fail, 0 to 1. Default 0. */
  faultRate?: number;
  seed: number;
  /** Default: any free one. */
  port?: number;
}

export interface StandIn {
  /** Ends in /v1; any API key will do. */
  url: string;
  model: string;
  /** What goes wrong with the next model calls of a thread. */
  scene(thread: string, scene: Scene): void;
  /** Requests so far, with the fault that each met. */
  calls(): readonly StandInCall[];
  close(): Promise<void>;
}

export interface StandInCall {
  thread: string;
  fault?: ModelFault;
}

/** How a fault is told to aimock. "malformed" is not here: aimock breaks the HTTP body, and a model breaks its answer. */
const faultHeaders: Partial<Record<ModelFault, readonly [string, string]>> = {
  "429": ["x-aimock-chaos-ratelimit", "1"], // with Retry-After: 1
  "500": ["x-aimock-chaos-drop", "1"],
  disconnect: ["x-aimock-chaos-disconnect", "1"],
  slow: ["x-aimock-chaos-latency", "300"],
};

/** @throws RangeError for a rate outside 0 to 1. */
export async function startStandIn({
  script,
  faultRate = 0,
  seed,
  port = 0,
}: StandInOptions): Promise<StandIn> {
  const weather = modelWeather({ rate: faultRate, seed });
  const calls: StandInCall[] = [];
  const server = new LLMock({ host: "127.0.0.1", port, journalMaxEntries: 1 });

  server.mount("/v1", {
    async handleRequest(request, response, path) {
      if (request.method === "GET" && path === "/models") {
        // aimock would list models of four companies here.
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify({ object: "list", data: [{ id: STAND_IN_MODEL, object: "model" }] }));
        return true;
      }
      if (request.method === "POST" && path === "/chat/completions") prepare(request);
      return false; // aimock answers
    },
  });
  server.on({ endpoint: "chat" }, (request) => {
    const answer = answerByRules(request.messages.map(plainMessage), script);
    return response(answer, request._context === "malformed");
  });
  await server.start();

  function prepare(request: IncomingMessage): void {
    const thread = String(request.headers["x-thread"] ?? "");
    const fault = weather.next(thread);
    calls.push({ thread, ...(fault ? { fault } : {}) });
    const header = fault && faultHeaders[fault];
    if (header) request.headers[header[0]] = header[1];
    if (fault === "malformed") request.headers["x-aimock-context"] = fault; // arrives as _context
  }

  return {
    url: `${server.url}/v1`,
    model: STAND_IN_MODEL,
    scene: (thread, { model = [] }) => weather.scene(thread, model),
    calls: () => calls,
    close: () => server.stop(),
  };
}

/** @param cut - Ends in the middle, as a model's answer does that ran into a limit. */
function response(answer: RuleAnswer, cut: boolean): FixtureResponse {
  const end = (text: string) => (cut ? text.slice(0, Math.floor(text.length / 2)) : text);
  if ("content" in answer)
    return { model: STAND_IN_MODEL, content: cut ? cutText(answer.content) : answer.content };
  const { name, args } = answer.call;
  return { model: STAND_IN_MODEL, toolCalls: [{ name, arguments: end(JSON.stringify(args)) }] };
}

/** Half of a JSON answer is no JSON. Half of a letter could be taken for a letter, so nothing is left of it. */
function cutText(content: string): string {
  return content.startsWith("{") ? content.slice(0, Math.floor(content.length / 2)) : "";
}

function plainMessage({
  role,
  content,
  tool_calls,
  tool_call_id,
}: ChatCompletionRequest["messages"][number]): Message {
  return {
    role,
    content: typeof content === "string" ? content : (content ?? []).map(({ text = "" }) => text).join(""),
    ...(tool_calls
      ? {
          toolCalls: tool_calls.map(({ id, function: call }) => ({
            id,
            name: call.name,
            args: JSON.parse(call.arguments),
          })),
        }
      : {}),
    ...(tool_call_id === undefined ? {} : { toolCallId: tool_call_id }),
  };
}
