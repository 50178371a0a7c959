/** Errors as the OpenAI client and LangChain really throw them, against a server on loopback that breaks on demand. */
import { ChatOpenAI } from "@langchain/openai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { classify, isControlFlow } from "#src/faults/index.ts";
import { type BrokenServer, closedPort, openBrokenServer } from "./broken-server.ts";
import { thrownBy, verdictOf } from "./thrown-by.ts";

let server: BrokenServer;
beforeAll(async () => {
  server = await openBrokenServer();
});
afterAll(() => server.close());

const timeoutOf = (kind: string) => (kind === "hang" ? 50 : 10_000);

function sdk(kind: string, signal?: AbortSignal): Promise<unknown> {
  const client = new OpenAI({
    apiKey: "none",
    baseURL: server.url,
    maxRetries: 0,
    timeout: timeoutOf(kind),
    defaultHeaders: { "x-break": kind },
  });
  const question = { model: "m", messages: [{ role: "user" as const, content: "hello" }] };
  return client.chat.completions.create(question, signal ? { signal } : {});
}

const chat = (kind: string, baseURL = server.url) =>
  new ChatOpenAI({
    apiKey: "none",
    model: "m",
    maxRetries: 0,
    timeout: timeoutOf(kind),
    configuration: { baseURL, defaultHeaders: { "x-break": kind } },
  });

const both: readonly (readonly [kind: string, verdict: string])[] = [
  ["400", "unexpected http_400"],
  ["401", "unexpected http_401"],
  ["403", "unexpected http_403"],
  ["404", "unexpected http_404"],
  ["408", "transient http_408"],
  ["409", "unexpected http_409"],
  ["413", "unexpected http_413"],
  ["422", "unexpected http_422"],
  ["429", "transient http_429"],
  ["429 rate_limit_exceeded", "transient http_429"],
  ["429 insufficient_quota", "unexpected insufficient_quota"],
  ["429 billing_hard_limit_reached", "unexpected billing_hard_limit_reached"],
  ["500", "transient http_500"],
  ["503", "transient http_503"],
  ["529", "transient http_529"],
  ["html", "transient http_502"],
  ["reset", "transient und_err_socket"],
  ["cut", "transient und_err_socket"],
  ["hang", "transient timeout"],
  ["bad json", "llm-recoverable json_invalid"],
];

describe.each(both)("a model endpoint that answers %s", (kind, verdict) => {
  test(`is ${verdict} through the OpenAI client`, async () => {
    expect(verdictOf(await thrownBy(() => sdk(kind)))).toBe(verdict);
  });
  test(`is ${verdict} through LangChain, whatever it stamps or wraps`, async () => {
    expect(verdictOf(await thrownBy(() => chat(kind).invoke("hello")))).toBe(verdict);
  });
});

describe("what only LangChain throws", () => {
  test("a prompt that is too long does not go back to the model, which would get the same prompt", async () => {
    const error = await thrownBy(() => chat("400 context_length_exceeded").invoke("hello"));
    expect(verdictOf(error)).toBe("unexpected context_overflow");
  });

  test("an error in the middle of a stream, which has no status, is not taken for a bug", async () => {
    const error = await thrownBy(async () => {
      for await (const _ of await chat("error in stream").stream("hello")) void _;
    });
    expect(verdictOf(error)).toBe("transient server_error");
  });

  test.each([
    ["jsonSchema", "llm-recoverable json_invalid"],
    ["jsonMode", "llm-recoverable output_parsing_failure"],
  ] as const)("prose in place of structured output (%s) goes back to the model", async (method, verdict) => {
    const asked = chat("says no").withStructuredOutput(z.object({ a: z.string() }), { method });
    expect(verdictOf(await thrownBy(() => asked.invoke("hello")))).toBe(verdict);
  });

  test("an endpoint that is not there is a lost connection, and the message says which", async () => {
    const port = await closedPort();
    const fault = classify(await thrownBy(() => chat("500", `http://127.0.0.1:${port}`).invoke("hello")));
    expect([fault.category, fault.code]).toEqual(["transient", "econnrefused"]);
    expect(fault.message).toBe(`Connection error: fetch failed: connect ECONNREFUSED 127.0.0.1:${port}`);
  });
});

describe("Retry-After", () => {
  test.each(["429", "429 rate_limit_exceeded", "503"])(
    "P11: what a %s asks for is kept, to the millisecond",
    async (kind) => {
      expect(classify(await thrownBy(() => chat(kind).invoke("hello"))).retryAfterMs).toBe(1_500);
    },
  );

  test("is not kept where no retry follows", async () => {
    const fault = classify(await thrownBy(() => chat("429 insufficient_quota").invoke("hello")));
    expect(fault.retryAfterMs).toBeUndefined();
  });
});

describe("an aborted call", () => {
  test.each([
    ["the OpenAI client", (signal: AbortSignal) => sdk("hang", signal)],
    ["LangChain", (signal: AbortSignal) => chat("hang").invoke("hello", { signal })],
  ] as const)("of %s is control flow for the run that was stopped, else transient", async (_, call) => {
    const stop = new AbortController();
    const calling = thrownBy(() => call(stop.signal));
    stop.abort();
    const error = await calling;
    expect(isControlFlow(error, stop.signal)).toBe(true);
    expect(isControlFlow(error, new AbortController().signal)).toBe(false);
    expect(verdictOf(error)).toBe("transient aborted");
  });
});

test("LangChain's pointer to its documentation stays out of what people and models read", async () => {
  const fault = classify(await thrownBy(() => chat("401").invoke("hello")));
  expect(fault.message).toBe("401 401");
  expect((fault.cause as Error).message).toContain("Troubleshooting URL");
});
