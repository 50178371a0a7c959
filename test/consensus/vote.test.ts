/** Votes on running graphs: what they draw, what they count, and where an undecided one goes. */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { aheadBy, majorityOf, type RedFlag, redFlag, vote } from "#src/consensus/index.ts";
import { Fault } from "#src/faults/index.ts";
import { bulkhead } from "#src/isolation/index.ts";
import { pending } from "../isolation/calls.ts";
import { answering, ballot, ofType, run, voteGraph } from "./vote-graph.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Draws that say how many of them were under way at once. */
function inFlight(letters: string) {
  const { draw, drawn } = answering(letters);
  const seen = { most: 0, now: 0, drawn };
  return {
    seen,
    draw: async (sample: number) => {
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await turn();
      seen.now -= 1;
      return draw(sample);
    },
  };
}

describe("samples are drawn", () => {
  test("side by side, as many as are missing and no more", async () => {
    const { draw, seen } = inFlight("ABABA");
    const graph = voteGraph((runtime) => vote(runtime, { ...ballot(), rule: majorityOf(5), draw }));
    const { values } = await run(graph, {});
    expect(values.seen).toMatchObject({ winner: "A", drawn: 5 });
    expect(seen.most).toBe(3);
  });

  test("within a bulkhead never more at once than it has slots", async () => {
    const calls = bulkhead("model", { slots: 2, queue: 10 });
    const { draw, seen } = inFlight("AAAAA");
    const graph = voteGraph((runtime) =>
      vote(runtime, {
        ...ballot(),
        rule: aheadBy(5),
        draw: (sample) => calls.run({ runtime }, () => draw(sample)),
      }),
    );
    expect((await run(graph, {})).values.seen).toMatchObject({ winner: "A", drawn: 5 });
    expect(seen.most).toBe(2);
  });

  test("none after the outcome", async () => {
    const { draw, drawn } = answering("AABBBBBBB");
    const graph = voteGraph((runtime) => vote(runtime, { ...ballot(), rule: aheadBy(2), draw }));
    const { values, events } = await run(graph, {});
    await turn();
    expect(drawn).toEqual([1, 2]);
    expect(values.seen).toMatchObject({ winner: "A", votes: { A: 2 }, unanimous: true });
    expect(ofType(events, "vote_decided")).toEqual([
      {
        type: "vote_decided",
        node: "work",
        vote: "v",
        rule: "ahead by 2",
        winner: "A",
        votes: { A: 2 },
        drawn: 2,
        discarded: 0,
      },
    ]);
  });

  test("and counted in the order of their numbers, whichever comes first", async () => {
    const calls = [pending(), pending(), pending()] as const;
    const graph = voteGraph((runtime) =>
      vote(runtime, {
        ...ballot(),
        rule: majorityOf(3),
        draw: async (sample) => {
          if (sample === 2) setImmediate(() => calls[0].end("a, said first"));
          return sample === 3 ? "b" : (calls[sample - 1]?.call() ?? "");
        },
        canonical: (answer) => answer.slice(0, 1),
      }),
    );
    calls[1].end("a, come first");
    const { values, events } = await run(graph, {});
    expect(values.seen).toMatchObject({ answer: "a, said first" });
    expect(ofType(events, "vote_cast").map(({ sample, candidate }) => [sample, candidate])).toEqual([
      [1, "a"],
      [2, "a"],
    ]);
  });
});

describe("an undecided vote is routed with its votes, and nobody is guessed:", () => {
  test.each([
    { code: "vote_tied", rule: majorityOf(4), letters: "ABAB", votes: { A: 2, B: 2 } },
    { code: "no_quorum", rule: majorityOf(4), letters: "ABAC", votes: { A: 2, B: 1, C: 1 } },
    { code: "vote_tied", rule: aheadBy(2, 4), letters: "ABBA", votes: { A: 2, B: 2 } },
    { code: "vote_spent", rule: majorityOf(3), letters: "?A?B", atMost: 4, votes: { A: 1, B: 1 } },
    { code: "vote_spent", rule: majorityOf(1), letters: "???", votes: {} }, // by default three times the rule's
  ])("$code after $letters", async ({ code, rule, letters, votes, atMost }) => {
    const { draw, drawn } = answering(letters);
    const flags: RedFlag<string>[] = [redFlag("odd", (answer) => (answer === "?" ? "?" : undefined))];
    const given = { ...ballot(), rule, draw, flags, ...(atMost && { atMost }) };
    const { values, events } = await run(
      voteGraph((runtime) => vote(runtime, given)),
      {},
    );
    const discarded = letters.split("?").length - 1;
    expect(values.seen).toBe("undecided");
    expect(values.faults).toMatchObject([
      {
        code,
        category: "compensable",
        route: "undecided",
        details: { votes, drawn: letters.length, discarded },
      },
    ]);
    expect(ofType(events, "vote_undecided")).toMatchObject([{ code, votes, drawn: letters.length }]);
    expect(drawn).toHaveLength(letters.length);
  });

  test("no sample is paid for where those left could not decide it", async () => {
    const { draw, drawn } = answering("ABABAB");
    const graph = voteGraph((runtime) => vote(runtime, { ...ballot(), rule: aheadBy(3), draw, atMost: 4 }));
    expect((await run(graph, {})).values.faults).toMatchObject([{ code: "vote_spent" }]);
    expect(drawn).toEqual([1, 2, 3]);
  });

  test.each([0, 1.5, Number.NaN])("a bound of %s samples is refused", async (atMost) => {
    const { draw } = answering("A");
    await expect(vote({}, { ...ballot(), rule: majorityOf(1), draw, atMost })).rejects.toThrow(RangeError);
    const few = vote({}, { ...ballot(), rule: aheadBy(3), draw, atMost: 2 });
    await expect(few).rejects.toThrow('must be a whole number from 3 for "ahead by 3", got 2');
  });
});

describe("an odd answer", () => {
  test("is never repaired nor counted: it is told, and another is drawn", async () => {
    const { draw, drawn } = answering("bBAB");
    const flags = [redFlag<string>("low", (answer) => (answer === "b" ? "It mumbles." : undefined))];
    // Repaired, it would be the first of the winner's answers.
    const canonical = (answer: string) => answer.toUpperCase();
    const graph = voteGraph((runtime) =>
      vote(runtime, { ...ballot(), rule: majorityOf(3), draw, flags, canonical }),
    );
    const { values, events } = await run(graph, {});
    expect(values.seen).toEqual({
      answer: "B",
      winner: "B",
      votes: { A: 1, B: 2 },
      drawn: 4,
      discarded: 1,
      unanimous: false,
      models: 1,
    });
    expect(drawn).toEqual([1, 2, 3, 4]);
    expect(ofType(events, "red_flag")).toEqual([
      { type: "red_flag", node: "work", vote: "v", sample: 1, code: "low", message: "It mumbles." },
    ]);
  });

  test.each([
    ["a fault of the author", () => new Fault("llm-recoverable", "no_json", "not JSON"), "no_json"],
    ["an error of its schema", () => z.string().safeParse(7).error, "zod_invalid"],
  ])("is discarded when reading it fails by %s", async (_, error, code) => {
    const { draw } = answering("AAA");
    const graph = voteGraph((runtime) =>
      vote(runtime, {
        ...ballot(),
        rule: aheadBy(2),
        draw: async (sample) => {
          if (sample === 1) throw error();
          return draw(sample);
        },
      }),
    );
    const { values, events } = await run(graph, {});
    expect(values.seen).toMatchObject({ winner: "A", drawn: 3, discarded: 1 });
    expect(ofType(events, "red_flag")).toMatchObject([{ code, sample: 1 }]);
  });
});

test("a candidate may have any name, and each has its votes", async () => {
  const names = ["__proto__", "constructor", "", "7", "__proto__", "__proto__", "__proto__"];
  const graph = voteGraph(async (runtime) => {
    const draw = async (sample: number) => names[sample - 1] ?? "?";
    const outcome = await vote(runtime, { ...ballot(), rule: aheadBy(3), draw });
    return { ...outcome, votes: Object.entries(outcome.votes) };
  });
  const { values } = await run(graph, {});
  expect(values.seen).toMatchObject({ winner: "__proto__", answer: "__proto__", drawn: 7 });
  expect(Object.fromEntries((values.seen as { votes: [string, number][] }).votes)).toEqual(
    Object.fromEntries([
      ["7", 1],
      ["__proto__", 4],
      ["constructor", 1],
      ["", 1],
    ]),
  );
});

test("a discarded sample is no dissent", async () => {
  const { draw } = answering("A?AA");
  const flags: RedFlag<string>[] = [redFlag("odd", (answer) => (answer === "?" ? "?" : undefined))];
  const graph = voteGraph((runtime) => vote(runtime, { ...ballot(), rule: aheadBy(3), draw, flags }));
  expect((await run(graph, {})).values.seen).toMatchObject({ unanimous: true, drawn: 4, discarded: 1 });
});

test("an outcome says how many models its votes are of, so that agreement is not overrated", async () => {
  const { draw } = answering("AAA");
  const modelOf = (sample: number) => (sample % 2 === 0 ? "b" : "a");
  const graph = voteGraph((runtime) => vote(runtime, { ...ballot(), rule: aheadBy(3), draw, modelOf }));
  const { values, events } = await run(graph, {});
  expect(values.seen).toMatchObject({ models: 2, unanimous: true });
  expect(ofType(events, "vote_cast").map(({ model }) => model)).toEqual(["a", "b", "a"]);
});
