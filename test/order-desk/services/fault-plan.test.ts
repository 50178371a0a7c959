import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { serviceFaults } from "#graphs/order-desk/scene.ts";
import { faultByRate, faultPlan, maxHitsInARow } from "#graphs/order-desk/services/fault-plan.ts";

const threads = Array.from({ length: 40 }, (_, n) => `ticket ${n}`);

/** What each thread meets on three requests with three attempts each. */
function played(seed: number, rate: number, order: readonly string[], run: string): Map<string, unknown[]> {
  const plan = faultPlan({ service: "payment", rate, seed });
  return new Map(
    order.map((thread) => {
      const attempts = [1, 2, 3].flatMap((request) =>
        [1, 2, 3].map(() => plan.next(thread, `${run} ${request}`)),
      );
      return [thread, attempts.map((fault) => fault ?? null)];
    }),
  );
}

describe("faults by rate", () => {
  it("are the same for one seed in another order of threads and with the new keys of another run", () => {
    const first = played(7, 0.3, threads, "run 1");
    const second = played(7, 0.3, threads.toReversed(), "run 2");
    for (const thread of threads) expect(second.get(thread)).toEqual(first.get(thread));
  });

  it("are others for another seed, another service and another thread", () => {
    const first = played(7, 0.3, threads, "run");
    expect(played(8, 0.3, threads, "run")).not.toEqual(first);
    expect(new Set([...first.values()].map((faults) => JSON.stringify(faults))).size).toBeGreaterThan(20);
    const of = (service: string) =>
      threads.map((thread) => faultByRate({ seed: 7, service, thread, number: 1, attempts: 1, rate: 0.3 }));
    expect(of("mail")).not.toEqual(of("payment"));
  });

  it("never hit a request more than twice in a row, so that whoever retries gets through", () => {
    const anyAttempt = fc.record({
      seed: fc.integer(),
      thread: fc.string(),
      number: fc.nat(),
      rate: fc.constant(1),
    });
    fc.assert(
      fc.property(anyAttempt, (attempt) => {
        const at = (attempts: number) => faultByRate({ ...attempt, service: "payment", attempts });
        for (let n = 1; n <= maxHitsInARow; n += 1) expect(serviceFaults).toContain(at(n));
        expect(at(maxHitsInARow + 1)).toBeUndefined();
      }),
    );
  });

  it("keep to their rate and play every kind", () => {
    const faults = Array.from({ length: 4_000 }, (_, number) =>
      faultByRate({ seed: 1, service: "payment", thread: "t", number, attempts: 1, rate: 0.1 }),
    ).filter((fault) => fault !== undefined);
    expect(faults.length / 4_000).toBeCloseTo(0.1, 1);
    expect(new Set(faults)).toEqual(new Set(serviceFaults));
  });

  it.each([-0.1, 1.1, Number.NaN])("refuse %d as a rate", (rate) => {
    expect(() => faultPlan({ service: "mail", rate, seed: 1 })).toThrow("fault rate of mail must be 0 to 1");
  });
});

describe("a scene", () => {
  it("plays its faults once, in order, on its thread only, and leaves the rest to the rate", () => {
    const plan = faultPlan({ service: "payment", rate: 0, seed: 1 });
    plan.scene("a", { faults: ["503", "reset_after"] });
    expect(plan.next("b", "b1")).toBeUndefined();
    expect([plan.next("a", "a1"), plan.next("a", "a1"), plan.next("a", "a1")]).toEqual([
      "503",
      "reset_after",
      undefined,
    ]);
  });

  it("set anew starts at its first fault", () => {
    const plan = faultPlan({ service: "payment", rate: 0, seed: 1 });
    plan.scene("a", { faults: ["503"] });
    plan.next("a", "a1");
    plan.scene("a", { faults: ["429"] });
    expect(plan.next("a", "a2")).toBe("429");
  });
});
