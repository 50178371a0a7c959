/** Whatever order failures come in, the other side does each effect once. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type EffectLedger, effects, memoryLedger } from "#src/recovery/index.ts";
import { onThread, otherSide, workGraph } from "./work-graph.ts";

/** Named after the window in which it strikes. */
const mishap = fc.constantFrom(
  "none",
  "before the effect",
  "after the effect",
  "before the record",
  "after the record",
);
type Mishap = typeof mishap extends fc.Arbitrary<infer M> ? M : never;

const weather = fc.record({
  /** Each strikes once, when a call comes to its window; "none" spares the rest of an attempt. Then all is well. */
  mishaps: fc.array(mishap, { maxLength: 12 }),
  /** Turns of the event loop that an effect takes, one for each run. */
  turns: fc.array(fc.nat(3), { maxLength: 12 }),
});
const plan = fc.record({
  effects: fc.integer({ min: 1, max: 3 }),
  sideBySide: fc.boolean(),
  /** Attempts in one process, before the run fails and a new process resumes it. */
  attempts: fc.integer({ min: 1, max: 4 }),
  canBeAsked: fc.boolean(),
  weather,
});

test("retries, crashes and resumes in any order never make an effect twice, nor leave one out", async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ effects: count, sideBySide, attempts, canBeAsked, weather }) => {
      const { mishaps, turns } = { mishaps: [...weather.mishaps], turns: [...weather.turns] };
      const ledger = memoryLedger();
      const side = otherSide();
      /** Without keys: what happens here twice has happened twice. */
      const happened: string[] = [];
      const names = Array.from({ length: count }, (_, n) => `effect ${n % 2}`);

      const processOf = () => {
        const { once } = effects(failingRecord(ledger, mishaps));
        return (runtime: Parameters<typeof once>[0], name: string, n: number) =>
          once(
            runtime,
            name,
            { n },
            async (key) => {
              await pass(turns.shift() ?? 0);
              if (mishaps[0] === "before the effect") throw new Error(mishaps.shift());
              const answer = side.call(key);
              happened.push(key);
              if (mishaps[0] === "after the effect") throw new Error(mishaps.shift());
              return answer;
            },
            canBeAsked
              ? {
                  reconcile: async (key) => (happened.includes(key) ? { result: side.call(key) } : undefined),
                }
              : {},
          );
      };
      let make = processOf();
      const graph = workGraph(
        async (runtime) => {
          const calls = names.map((name, n) => () => make(runtime, name, n));
          const made = sideBySide ? await Promise.all(calls.map((call) => call())) : await inOrder(calls);
          if (mishaps.shift() === "after the record") throw new Error("after the record");
          return made;
        },
        { attempts },
      );

      let input: object | null = {};
      let end: { seen?: unknown } | undefined;
      for (let run = 0; end === undefined; run++) {
        expect(run).toBeLessThan(40);
        end = await graph.invoke(input, onThread()).catch(() => undefined);
        input = null;
        make = processOf();
        await pass(8);
      }

      expect(side.done).toHaveLength(count);
      if (canBeAsked && !sideBySide) expect(happened).toEqual(side.done);
      const entries = await ledger.entries("t");
      expect(entries.map(({ status }) => status)).toEqual(names.map(() => "done"));
      expect(end.seen).toEqual(entries.map(({ result }) => result));
    }),
    { numRuns: 60 },
  );
});

function failingRecord(ledger: EffectLedger<undefined>, mishaps: Mishap[]): EffectLedger<undefined> {
  return {
    ...ledger,
    async record(key, result) {
      if (mishaps[0] === "before the record") throw new Error(mishaps.shift());
      return ledger.record(key, result);
    },
  };
}

async function inOrder<T>(calls: (() => Promise<T>)[]): Promise<T[]> {
  const made: T[] = [];
  for (const call of calls) made.push(await call());
  return made;
}

async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
