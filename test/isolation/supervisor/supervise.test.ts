/** A supervisor on a running graph: what LangGraph could make of OTP's rules that the rules alone do not show. */
import { describe, expect, test } from "vitest";
import { Fault } from "#src/faults/index.ts";
import { graphOf, run } from "./desk.ts";

describe("a failure that the children do not mend", () => {
  test("it takes the siblings along at once, instead of waiting until they are through", async () => {
    let runs = 0;
    const aborted: unknown[] = [];
    const graph = graphOf(
      [
        {
          name: "a",
          restart: "transient",
          run: () => {
            runs += 1;
            if (runs === 1) throw new Fault("compensable", "oops", "oops");
            return { plan: "made" };
          },
        },
        {
          name: "b",
          restart: "transient",
          // The first one would never end by itself, and does not look at its signal.
          run: (_, { signal }) => {
            if (runs > 1) return { log: "b" };
            signal?.addEventListener("abort", () => aborted.push(signal.reason));
            return new Promise(() => {});
          },
        },
      ],
      { strategy: "one_for_all" },
    );
    const { told, error, state } = await run(graph);
    expect(error).toBeUndefined();
    expect(told).toEqual(["+a", "+b", "attempt_failed", "a!", "-b", "~a&b", "+a", "+b", "a.", "b."]);
    expect(aborted).toMatchObject([{ name: "AbortError" }]);
    expect(state).toMatchObject({ plan: "made", log: "b" });
  });
});
