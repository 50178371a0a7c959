/** Whatever fails on the way and whichever sample comes first, a vote ends as one that nothing disturbed. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { aheadBy, majorityOf, type Outcome, vote } from "#src/consensus/index.ts";
import { Fault } from "#src/faults/index.ts";
import { effects, memoryLedger } from "#src/recovery/index.ts";
import { ballot } from "./vote-graph.ts";

const most = 9;
const plan = fc.record({
  rule: fc.oneof(
    fc.integer({ min: 1, max: most }).map(majorityOf),
    fc.integer({ min: 1, max: 3 }).map((k) => aheadBy(k, most)),
  ),
  /** "?" is discarded. */
  answers: fc.array(fc.constantFrom("A", "B", "C", "?"), { minLength: 3 * most, maxLength: 3 * most }),
  /** How often each sample fails before it succeeds. */
  failures: fc.array(fc.nat(2), { maxLength: most }),
  /** Turns of the event loop that each takes. */
  turns: fc.array(fc.nat(4), { maxLength: most }),
});

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
type End = Outcome<string> | { code: string; details: unknown };
const endOf = (voting: Promise<Outcome<string>>): Promise<End> =>
  voting.catch((error: Fault) => ({ code: error.code, details: error.details }));

test("and draws each sample as often as it failed, and once more", async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ rule, answers, failures, turns }) => {
      const flags = [{ code: "odd", check: (answer: string) => (answer === "?" ? "?" : undefined) }];
      const answer = (sample: number) => answers[sample - 1] ?? "";
      const undisturbed = await endOf(
        vote({}, { ...ballot(), recorded: (_, __, run) => run(), rule, flags, draw: async (n) => answer(n) }),
      );

      const { recorded } = effects(memoryLedger());
      const drawn = new Map<number, number>();
      const draw = async (sample: number): Promise<string> => {
        const before = drawn.get(sample) ?? 0;
        drawn.set(sample, before + 1);
        for (let left = turns[sample - 1] ?? 0; left > 0; left--) await turn();
        if (before < (failures[sample - 1] ?? 0)) throw new Fault("transient", "http_503", "down");
        return answer(sample);
      };
      // A retry, or a new process: the same task, a new ExecutionInfo.
      const attempt = () =>
        vote(
          { executionInfo: { threadId: "t", checkpointNs: "work:1" } as never },
          { ...ballot(), recorded, rule, flags, draw },
        );
      let end: End | undefined;
      for (let attempts = 0; end === undefined && attempts < 3 * most; attempts++) {
        const ended = await endOf(attempt());
        if (!("code" in ended && ended.code === "http_503")) end = ended;
      }
      expect(end).toEqual(undisturbed);
      for (const [sample, times] of drawn) expect(times).toBe(1 + (failures[sample - 1] ?? 0));
    }),
    { numRuns: 150 },
  );
});
