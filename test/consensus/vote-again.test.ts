/** A vote that is interrupted, by a failure or an abort, goes on where it was: no sample is drawn twice. */
import { setMaxListeners } from "node:events";
import { interrupt } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { aheadBy, majorityOf, redFlag, unrecorded, vote } from "#src/consensus/index.ts";
import { Fault } from "#src/faults/index.ts";
import { pending, thrownBy } from "../isolation/calls.ts";
import { answering, ballot, ofType, run, voteGraph } from "./vote-graph.ts";

describe("a sample that fails", () => {
  test("fails the vote once those beside it are recorded, and the retry draws it alone", async () => {
    const { draw, drawn } = answering("AAA");
    const slow = pending();
    const given = ballot();
    let failures = 1;
    const graph = voteGraph((runtime) =>
      vote(runtime, {
        ...given,
        rule: aheadBy(3),
        draw: async (sample) => {
          if (sample === 1 && failures-- > 0) {
            setImmediate(() => slow.end(""));
            throw new Fault("transient", "http_503", "down");
          }
          if (sample === 2) await slow.call();
          return draw(sample);
        },
      }),
    );
    const { values, events } = await run(graph, {});
    expect(values.seen).toMatchObject({ winner: "A", drawn: 3 });
    expect(values.faults).toMatchObject([{ code: "http_503", route: "retried" }]);
    expect(drawn).toEqual([3, 2, 1]);
    // What was drawn beside the failure is told at once; what was recorded is counted again, in its order.
    expect(ofType(events, "vote_cast").map(({ sample }) => sample)).toEqual([2, 3, 1, 2, 3]);
  });

  test("for good goes the way of its category, and after the mend only it is drawn", async () => {
    const { draw, drawn } = answering("AAA");
    const given = ballot();
    let broken = true;
    const graph = voteGraph((runtime) =>
      vote(runtime, {
        ...given,
        rule: aheadBy(3),
        draw: async (sample) => {
          if (sample === 2 && broken) throw new TypeError("a bug");
          return draw(sample);
        },
      }),
    );
    expect((await run(graph, {})).error).toMatchObject({ code: "bug" });
    broken = false;
    expect((await run(graph, null)).values.seen).toMatchObject({ winner: "A" });
    expect(drawn).toEqual([1, 3, 2]);
  });
});

test("a canonical form that throws is a bug that is told, and its mend costs no sample", async () => {
  const { draw, drawn } = answering("AAA");
  const given = ballot();
  let broken = true;
  const canonical = (answer: string) => {
    if (broken) throw new TypeError("no such field");
    return answer;
  };
  const graph = voteGraph((runtime) => vote(runtime, { ...given, canonical, rule: aheadBy(3), draw }));
  expect((await run(graph, {})).error).toMatchObject({ category: "unexpected", message: "no such field" });
  broken = false;
  expect((await run(graph, null)).values.seen).toMatchObject({ winner: "A" });
  expect(drawn).toEqual([1, 2, 3]);
});

test("a question inside a recorded sample is refused: on a resume its answer would be another question's", async () => {
  const graph = voteGraph((runtime) =>
    vote(runtime, { ...ballot(), rule: aheadBy(3), draw: async () => String(interrupt("A or B?")) }),
  );
  expect((await run(graph, {})).error).toMatchObject({
    category: "unexpected",
    code: "question_within_effect",
    message: expect.stringContaining("in a node of its own"),
  });
});

test("a sample that fails hides no red flag of those beside it, and of two failures the worse is told", async () => {
  const graph = voteGraph((runtime) =>
    vote(runtime, {
      ...ballot(),
      rule: aheadBy(3),
      flags: [redFlag("odd", () => "It is odd.")],
      draw: async (sample) => {
        if (sample === 1) throw new Fault("transient", "http_503", "down");
        if (sample === 2) throw new TypeError("no such field");
        return "A";
      },
    }),
  );
  const { error, events } = await run(graph, {});
  expect(error).toMatchObject({ category: "unexpected", message: "no such field" });
  expect(ofType(events, "red_flag")).toMatchObject([{ vote: "v", sample: 3, code: "odd" }]);
});

test("two votes of one name side by side are refused: the ledger could not tell their samples apart", async () => {
  const one = { ...ballot(), rule: aheadBy(1), draw: async () => "A" };
  const graph = voteGraph((runtime) => Promise.all([vote(runtime, one), vote(runtime, one)]));
  expect((await run(graph, {})).error).toMatchObject({ message: expect.stringContaining("give it its own") });
  const inTurn = voteGraph(async (runtime) => [await vote(runtime, one), await vote(runtime, one)]);
  expect((await run(inTurn, {})).values.seen).toMatchObject([{ winner: "A" }, { winner: "A" }]);
});

describe("a run that is stopped while samples are under way", () => {
  test("ends with the signal's reason; what was recorded is not drawn again", async () => {
    const stop = new AbortController();
    // Such as a sibling's failure: it is no answer of the sample's.
    const reason = new Fault("llm-recoverable", "sibling_failed", "stopped");
    const { draw, drawn } = answering("AAA");
    const given = ballot();
    const graph = voteGraph((runtime) =>
      vote(runtime, {
        ...given,
        rule: aheadBy(3),
        draw: (sample) => {
          if (sample !== 3 || stop.signal.aborted) return draw(sample);
          setImmediate(() => stop.abort(reason));
          return new Promise((_, reject) => {
            runtime.signal?.addEventListener("abort", () => reject(runtime.signal?.reason), { once: true });
          });
        },
      }),
    );
    expect((await run(graph, {}, stop.signal)).error).toBe(reason);
    const { values } = await run(graph, null);
    expect(values.seen).toMatchObject({ winner: "A" });
    expect(values.faults).toEqual([]);
    expect(drawn).toEqual([1, 2, 3]);
  });

  test.each([
    ["recorded", ballot().recorded],
    ["unrecorded", unrecorded],
  ])("draws no further %s ones, though those ignore the signal", async (_, recorded) => {
    const stop = new AbortController();
    const { draw, drawn } = answering("ABAAA");
    const runtime = {
      signal: stop.signal,
      executionInfo: { checkpointNs: "work:1", threadId: "t" } as never,
    };
    const given = { ...ballot(), recorded, rule: majorityOf(5) };
    const voting = vote(runtime, {
      ...given,
      draw: (sample) => {
        if (sample === 3) stop.abort(new Error("stopped"));
        return draw(sample);
      },
    });
    expect(await thrownBy(voting)).toBe(stop.signal.reason);
    expect(drawn).toEqual([1, 2, 3]);
  });
});

describe("of votes in one graph", () => {
  test("each draws its own samples: two in a node, of two names or of one", async () => {
    const given = ballot();
    const drawn: string[] = [];
    let failures = 1;
    const graph = voteGraph(async (runtime) => {
      const winners: string[] = [];
      for (const [name, letter] of [
        ["v", "A"],
        ["v 1", "B"],
        ["v", "C"],
      ] as const) {
        const draw = async (sample: number) => {
          drawn.push(`${letter}${sample}`);
          return letter;
        };
        winners.push((await vote(runtime, { ...given, name, rule: majorityOf(2), draw })).winner);
        if (letter === "C" && failures-- > 0) throw new Fault("transient", "http_503", "down");
      }
      return winners;
    });
    expect((await run(graph, {})).values.seen).toEqual(["A", "B", "C"]);
    expect(drawn).toEqual(["A1", "A2", "B1", "B2", "C1", "C2"]);
  });

  test("two side by side keep their samples, in whatever order these come in on a retry", async () => {
    const given = ballot();
    const slow = pending();
    let failures = 1;
    const graph = voteGraph(async (runtime) => {
      const voteOn = (name: string, letters: string) =>
        vote(runtime, {
          ...given,
          name,
          rule: majorityOf(3),
          draw: async (sample) => {
            if (name === "slow") await slow.call();
            return letters[sample - 1] ?? "?";
          },
        });
      const votes = [voteOn("slow", "ABA"), voteOn("fast", "CDC").finally(() => slow.end(""))];
      const outcomes = await Promise.all(votes);
      if (failures-- > 0) throw new Fault("transient", "http_503", "down");
      return outcomes.map(({ winner }) => winner);
    });
    expect((await run(graph, {})).values.seen).toEqual(["A", "C"]);
  });

  test("one that is visited again asks anew", async () => {
    const { draw, drawn } = answering("AA");
    const given = ballot();
    const graph = voteGraph((runtime) => vote(runtime, { ...given, rule: aheadBy(2), draw }), { visits: 2 });
    await run(graph, {});
    expect(drawn).toEqual([1, 2, 1, 2]);
  });
});

describe("listeners on the run's signal", () => {
  const listening = async (signal: AbortSignal, samples: number) => {
    const draw = async (): Promise<string> => {
      const hear = () => {};
      const hears = Array.from({ length: 9 }, () => () => hear());
      for (const one of hears) signal.addEventListener("abort", one);
      await new Promise<void>((resolve) => setImmediate(resolve));
      for (const one of hears) signal.removeEventListener("abort", one);
      return "A";
    };
    return vote({ signal }, { ...ballot(), recorded: unrecorded, rule: aheadBy(samples), draw });
  };

  // A warning is output, and output fails a test.
  test("of forty samples at once are not taken for a leak", async () => {
    const { signal } = new AbortController();
    expect(await listening(signal, 40)).toMatchObject({ drawn: 40 });
    await new Promise<void>((resolve) => setImmediate(resolve));
  });

  // Of such a signal Node 20 cannot say how many it allows.
  test("of which any number is allowed already do not fail the vote", async () => {
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    expect(await listening(signal, 40)).toMatchObject({ drawn: 40 });
  });
});
