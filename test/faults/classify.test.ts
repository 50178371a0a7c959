/** The rest of the table: schemas, breakers, statuses from anywhere, parts, causes. */
import { OutputParserException } from "@langchain/core/output_parsers";
import { ToolInputParsingException } from "@langchain/core/tools";
import fc from "fast-check";
import { ContentFilterFinishReasonError, LengthFinishReasonError } from "openai/core/error";
import { afterEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { type Category, categories, classify, Fault } from "#src/faults/index.ts";
import { thrownBy, verdictOf } from "./thrown-by.ts";

const branded = (brand: string) => Object.assign(new Error("not executed"), { [brand]: true });
const named = (name: string) => Object.assign(new Error("it failed"), { name });

test.each<[string, unknown, string]>([
  ["LangChain's output parser", new OutputParserException("no"), "llm-recoverable output_parsing_failure"],
  ["a tool's arguments", new ToolInputParsingException("no"), "llm-recoverable tool_input_invalid"],
  ["an answer cut off", new LengthFinishReasonError(), "llm-recoverable output_too_long"],
  ["a filtered answer", new ContentFilterFinishReasonError(), "llm-recoverable content_filtered"],
  ["a refusal", named("ModelRefusalError"), "llm-recoverable model_refusal"],
  ["an open breaker", branded("isBrokenCircuitError"), "transient circuit_open"],
  ["a full bulkhead", branded("isBulkheadRejectedError"), "transient bulkhead_full"],
  ["a cancelled task", branded("isTaskCancelledError"), "transient timeout"],
  ["a timeout of the DOM", new DOMException("late", "TimeoutError"), "transient timeout"],
  [
    "an LC error by its code",
    Object.assign(new Error("no"), { lc_error_code: "A_NEW_CODE" }),
    "unexpected a_new_code",
  ],
  [
    "a status from axios",
    Object.assign(new Error("no"), { response: { status: 503 } }),
    "transient http_503",
  ],
  ["a status from undici", Object.assign(new Error("no"), { statusCode: 404 }), "unexpected http_404"],
  ["a code of another domain", Object.assign(new Error("no"), { status: 7, code: 5 }), "unexpected bug"],
  ["a TypeError", new TypeError("x is not a function"), "unexpected bug"],
  ["an Error", new Error("invariant broken"), "unexpected bug"],
])("%s", (_, thrown, verdict) => {
  expect(verdictOf(thrown)).toBe(verdict);
});

describe("P8: what LangGraph's default policy retries in vain is not transient, and what it gives up on in error is", () => {
  const status = (code: number) => Object.assign(new Error("no"), { status: code });
  test.each([new TypeError("t"), new RangeError("r"), new ReferenceError("f"), status(422)])(
    "%o",
    (error) => {
      expect(classify(error).category).toBe("unexpected");
    },
  );
  test.each([status(408), status(425), status(429), status(500), status(503), named("NodeTimeoutError")])(
    "%o",
    (error) => {
      expect(classify(error).category).toBe("transient");
    },
  );
  test("ECONNABORTED", () => {
    expect(verdictOf(Object.assign(new Error("no"), { code: "ECONNABORTED" }))).toBe(
      "transient econnaborted",
    );
  });
});

describe("output that a schema refuses", () => {
  const refused = z.object({ id: z.string(), n: z.array(z.number()) }).safeParse({ n: [1, "two"] }).error;

  test("goes back to the model with what is wrong and where", () => {
    const fault = classify(refused);
    expect([fault.category, fault.code]).toEqual(["llm-recoverable", "zod_invalid"]);
    expect(fault.message).toContain("n.1: ");
    expect(fault.details?.issues).toMatchObject([
      { path: "id", code: "invalid_type" },
      { path: "n.1", code: "invalid_type" },
    ]);
  });

  test("fits into a checkpoint: no more than ten issues, all of them JSON", () => {
    const many = z.array(z.number()).safeParse(Array.from({ length: 500 }, () => "x")).error;
    const { details } = classify(many);
    expect(details?.issues).toHaveLength(10);
    expect(JSON.parse(JSON.stringify(details))).toEqual(details);
  });

  test("goes back to the model too when LangChain found it, by zod's core", async () => {
    const { parse } = await import("zod/v4/core");
    expect(verdictOf(await thrownBy(() => parse(z.number(), "one")))).toBe("llm-recoverable zod_invalid");
  });

  test("keeps its category when only name and message are left of it", () => {
    expect(verdictOf({ name: "ZodError", message: "[]" })).toBe("llm-recoverable zod_invalid");
  });
});

describe("Retry-After of any client", () => {
  afterEach(() => vi.useRealTimers());

  test.each<[string, object, number | undefined]>([
    ["seconds in Headers", { status: 429, headers: new Headers({ "Retry-After": "3" }) }, 3_000],
    ["seconds in a plain object", { status: 503, headers: { "Retry-After": "3" } }, 3_000],
    ["seconds as a number", { status: 503, headers: { "retry-after": 3 } }, 3_000],
    ["axios's response", { response: { status: 429, headers: { "retry-after": "3" } } }, 3_000],
    ["a date", { status: 429, headers: { "retry-after": "Tue, 24 Nov 2026 12:00:30 GMT" } }, 30_000],
    [
      "more ms than a number holds",
      { status: 429, headers: { "retry-after-ms": "9".repeat(400) } },
      Number.MAX_SAFE_INTEGER,
    ],
    ["nonsense", { status: 429, headers: { "retry-after": "soon", "retry-after-ms": "later" } }, undefined],
    ["none", { status: 429, headers: {} }, undefined],
  ])("P11: %s", (_, parts, ms) => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 24, 12, 0, 0) });
    expect(classify(Object.assign(new Error("wait"), parts)).retryAfterMs).toBe(ms);
  });
});

describe("several errors at once", () => {
  const busy = (seconds: number) =>
    Object.assign(new Error("busy"), { status: 429, headers: { "retry-after": String(seconds) } });

  test("the worst decides: one bug among lost connections is not retried", () => {
    expect(verdictOf(new AggregateError([busy(1), new TypeError("bug"), busy(2)]))).toBe("unexpected bug");
    expect(verdictOf(new AggregateError([busy(1), new Fault("user-fixable", "which_order", "which?")]))).toBe(
      "user-fixable which_order",
    );
  });

  test("all transient is transient, and waits as long as the longest asks", () => {
    expect(classify(new AggregateError([busy(1), busy(9), busy(2)]))).toMatchObject({
      category: "transient",
      retryAfterMs: 9_000,
      message: "busy; busy; busy",
    });
  });

  test("200,000 parts that ask to wait are a fault like any other, and no stack overflow", () => {
    const parts = Array<Error>(200_000).fill(busy(1));
    expect(classify(new AggregateError([...parts, busy(9)])).retryAfterMs).toBe(9_000);
  });

  test("one error that took two branches down is judged once, not as unknown the second time", () => {
    const reset = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    const wrapped = [new Error("a", { cause: reset }), new Error("b", { cause: reset }), reset, reset];
    expect(verdictOf(new AggregateError(wrapped))).toBe("transient econnreset");
  });

  test("of none at all is a bug", () => {
    expect(verdictOf(new AggregateError([], "no parts"))).toBe("unexpected bug");
  });

  test("the order of the parts never matters", () => {
    const part = fc.constantFrom(...categories).map((category) => new Fault(category, "part", "p"));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const worst = Math.max(...parts.map(({ category }) => categories.indexOf(category)));
        const expected: Category | undefined = categories[worst];
        expect(classify(new AggregateError(parts)).category).toBe(expected);
        expect(classify(new AggregateError(parts.toReversed())).category).toBe(expected);
      }),
    );
  });
});

describe("causes", () => {
  const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

  test("an error that says nothing is judged by its cause, however deep", () => {
    const deep = new Error("order failed", { cause: new Error("call failed.", { cause: reset }) });
    expect(classify(deep)).toMatchObject({
      category: "transient",
      message: "order failed: call failed: read ECONNRESET",
      cause: deep,
    });
  });

  test("an error's own word counts before its cause's", () => {
    expect(verdictOf(Object.assign(new Error("no", { cause: reset }), { status: 400 }))).toBe(
      "unexpected http_400",
    );
  });

  test("a Fault that somebody wrapped keeps its category and its details", () => {
    const fault = new Fault("user-fixable", "which_order", "which order?", {
      details: { orders: ["#1", "#2"] },
    });
    expect(classify(new Error("planning failed", { cause: fault }))).toMatchObject({
      category: "user-fixable",
      code: "which_order",
      details: { orders: ["#1", "#2"] },
    });
  });

  test("an error that a loop wraps round after round does not fill the stack", () => {
    const wrap = (times: number) => {
      let error: Error = reset;
      for (let i = 0; i < times; i++) error = new Error("again", { cause: error });
      return error;
    };
    expect(verdictOf(wrap(20))).toBe("transient econnreset");
    expect(verdictOf(wrap(21))).toBe("unexpected bug");
    expect(verdictOf(wrap(50_000))).toBe("unexpected bug");
  });

  test("causes and parts that lead back to themselves come to an end", () => {
    const a = new Error("a");
    const b = new AggregateError([a, a], "b", { cause: a });
    a.cause = b;
    expect(verdictOf(a)).toBe("unexpected bug");
    b.errors.push(b);
    expect(verdictOf(b)).toBe("unexpected bug");
  });
});
