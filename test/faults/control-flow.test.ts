import { describe, expect, test } from "vitest";
import { isControlFlow } from "#src/faults/index.ts";

const abort = () => new DOMException("This operation was aborted", "AbortError");
const stopped = AbortSignal.abort();
const running = new AbortController().signal;

describe("an abort", () => {
  test.each<[string, unknown]>([
    ["by its name", abort()],
    ["by its name alone, as LangChain makes it", Object.assign(new Error("stop"), { name: "AbortError" })],
    ["by Node's code", Object.assign(new Error("stop"), { code: "ABORT_ERR" })],
    ["behind a wrapper", new TypeError("fetch failed", { cause: abort() })],
  ])("%s is control flow only when the run was stopped", (_, error) => {
    expect(isControlFlow(error, stopped)).toBe(true);
    expect(isControlFlow(error, running)).toBe(false);
    expect(isControlFlow(error)).toBe(false);
  });

  test("whatever the run was stopped with is control flow", () => {
    const reason = new Error("the operator has gone home");
    expect(isControlFlow(reason, AbortSignal.abort(reason))).toBe(true);
    expect(isControlFlow("enough", AbortSignal.abort("enough"))).toBe(true);
    expect(isControlFlow(new Error("call failed", { cause: reason }), AbortSignal.abort(reason))).toBe(true);
  });

  test("a bug that shows while a run is being stopped is not hidden", () => {
    expect(isControlFlow(new TypeError("x is not a function"), stopped)).toBe(false);
  });
});

test("P12: nothing that can be thrown makes the question itself throw", () => {
  const loop: { cause?: unknown } = {};
  loop.cause = loop;
  const trap = new Proxy(
    {},
    {
      get() {
        throw new Error("no");
      },
    },
  );
  for (const thrown of [undefined, null, 0, "", Symbol("s"), loop, trap, Object.create(null)]) {
    expect(isControlFlow(thrown, running)).toBe(false);
    expect(isControlFlow(thrown, stopped)).toBe(false);
  }
});
