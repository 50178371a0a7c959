/** Things that are thrown and are no ordinary Error. */
import { END, START, StateGraph } from "@langchain/langgraph";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { classify, isFault } from "#src/faults/index.ts";
import { verdictOf } from "./thrown-by.ts";

function hostile(): object {
  const no = () => {
    throw new Error("trap");
  };
  return new Proxy(new Error("x"), {
    get: no,
    has: no,
    getPrototypeOf: no,
    ownKeys: no,
    getOwnPropertyDescriptor: no,
  });
}

const withGetters = Object.defineProperties(new Error("x"), {
  message: {
    get: () => {
      throw new Error("no message");
    },
  },
  status: {
    get: () => {
      throw new Error("no status");
    },
  },
  cause: {
    get: () => {
      throw new Error("no cause");
    },
  },
  name: {
    get: () => {
      throw new Error("no name");
    },
  },
});

const unwilling = {
  toJSON: () => {
    throw new Error("no JSON");
  },
};

const throws: readonly (readonly [string, unknown, verdict: string, message?: string])[] = [
  ["a string", "boom", "unexpected not_an_error", "boom"],
  ["the empty string", "", "unexpected not_an_error", ""],
  ["undefined", undefined, "unexpected not_an_error", "undefined was thrown"],
  ["null", null, "unexpected not_an_error", "null was thrown"],
  ["a number", 503, "unexpected not_an_error", "503 was thrown"],
  ["a bigint", 1n, "unexpected not_an_error", "1 was thrown"],
  ["a symbol", Symbol("s"), "unexpected not_an_error", "Symbol(s) was thrown"],
  ["a function", () => {}, "unexpected not_an_error", "a function was thrown"],
  ["an object", { reason: 1 }, "unexpected not_an_error", 'an object was thrown: {"reason":1}'],
  ["an object without prototype", Object.create(null), "unexpected not_an_error"],
  ["an object that refuses to be JSON", unwilling, "unexpected not_an_error"],
  ["an object with a status", { status: 503 }, "transient http_503"],
  ["an object with a code", { code: "ECONNRESET" }, "transient econnreset"],
  ["an object with a message", { message: "no" }, "unexpected not_an_error", "no"],
  ["a frozen Error", Object.freeze(new Error("frozen")), "unexpected bug", "frozen"],
  ["an Error without a message", new RangeError(), "unexpected bug", "RangeError"],
  ["an Error whose getters throw", withGetters, "unexpected bug"],
  ["a proxy whose traps throw", hostile(), "unexpected not_an_error"],
  ["a Promise", Promise.resolve(), "unexpected not_an_error"],
];

test.each(throws)("P12: %s becomes a Fault", (_, thrown, verdict, message) => {
  const fault = classify(thrown);
  expect(isFault(fault)).toBe(true);
  expect(verdictOf(thrown)).toBe(verdict);
  expect(Object.is(fault.cause, thrown)).toBe(true);
  if (message !== undefined) expect(fault.message).toBe(message);
});

test("anything at all becomes a Fault with one of the five categories, and is not written on", () => {
  fc.assert(
    fc.property(
      fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }),
      (thing) => {
        const before = fc.stringify(thing);
        expect(isFault(classify(thing))).toBe(true);
        expect(fc.stringify(thing)).toBe(before);
      },
    ),
  );
});

describe("B12: LangGraph loses what it cannot write on, unless it was classified before", () => {
  const thrownThrough = async (thrown: unknown): Promise<unknown> => {
    let seen: unknown;
    const graph = new StateGraph(z.object({ n: z.number().default(0) }))
      .addNode(
        "work",
        (): { n: number } => {
          throw classify(thrown);
        },
        {
          retryPolicy: {
            maxAttempts: 2,
            initialInterval: 0,
            jitter: false,
            logWarning: false,
            retryOn: () => true,
          },
          errorHandler: (_state, { error }) => {
            seen = error;
            return { n: 1 };
          },
        },
      )
      .addEdge(START, "work")
      .addEdge("work", END)
      .compile();
    await graph.invoke({});
    return seen;
  };

  test.each([
    ["a string", "boom"],
    ["undefined", undefined],
    ["a frozen Error", Object.freeze(new Error("boom"))],
  ])("%s", async (_, thrown) => {
    const seen = await thrownThrough(thrown);
    expect(isFault(seen)).toBe(true);
    expect((seen as Error).cause).toBe(thrown);
  });
});
