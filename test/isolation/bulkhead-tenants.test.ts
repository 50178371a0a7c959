import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bulkhead } from "#src/isolation/index.ts";
import { enter, pass, refused } from "./bulkhead-calls.ts";
import { pending, streamed } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("tenants", () => {
  const perTenant = { slots: 1, queue: 1 };

  test("a loud one fills its own slots and queue, and the others' calls go on", async () => {
    const slots = bulkhead("model calls", { slots: 3, queue: 10, perTenant });
    const loud = [enter(slots, "loud"), enter(slots, "loud")];
    const fault = await refused(slots, "loud");
    expect(fault.message).toBe("model calls of tenant loud: the queue for 1 slots is full, 1 wait");
    expect(fault.details).toEqual({ bulkhead: "model calls", tenant: "loud" });
    const quiet = enter(slots, "quiet");
    await pass(0);
    expect([...loud, quiet].map(({ begun }) => begun())).toEqual([1, 0, 1]);
  });

  test("one whose slots are full holds up nobody behind it", async () => {
    const slots = bulkhead("model calls", { slots: 2, queue: 10, perTenant });
    const loud = enter(slots, "loud");
    const [other, again, quiet] = [enter(slots, "other"), enter(slots, "loud"), enter(slots, "quiet")];
    other.end("done");
    await pass(0);
    expect([again.begun(), quiet.begun()]).toEqual([0, 1]);
    loud.end("done");
    await pass(0);
    expect(again.begun()).toBe(1);
  });

  test("all together have the slots and the queue of the whole", async () => {
    const slots = bulkhead("model calls", { slots: 2, queue: 1, perTenant });
    enter(slots, "a");
    enter(slots, "b");
    const waits = enter(slots, "c");
    const fault = await refused(slots, "a");
    expect(fault.message).toBe("model calls: the queue for 2 slots is full, 1 wait");
    expect(fault.details).toEqual({ bulkhead: "model calls" });
    expect(waits.begun()).toBe(0);
  });

  test("loud ones that have filled the whole queue shut out no other: it may have one call wait", async () => {
    const slots = bulkhead("model calls", { slots: 2, queue: 4, perTenant: { slots: 2, queue: 2 } });
    const loud = ["a", "a", "a", "a", "b", "b"].map((tenant) => enter(slots, tenant));
    const quiet = enter(slots, "quiet");
    await pass(0);
    expect([slots.waiting, quiet.run.settled]).toEqual([5, false]);
    // One, and no more. Nor does one that runs or waits already go past the limit.
    for (const tenant of ["quiet", "a", "b"]) await refused(slots, tenant);
    for (const { end } of loud) {
      end("done");
      await pass(0);
    }
    expect(quiet.begun()).toBe(1);
  });

  test.each([
    ["of the whole", { queue: 0, perTenant: { slots: 1, queue: 5 } }],
    ["of each", { queue: 5, perTenant: { slots: 1, queue: 0 } }],
  ])("where the queue %s is none, nobody waits, a quiet one neither", async (_, limits) => {
    const slots = bulkhead("model calls", { slots: 1, ...limits });
    enter(slots, "loud");
    await refused(slots, "quiet");
    expect([slots.waiting, slots.tenants]).toEqual([0, 1]);
  });

  test.each([["with slots of their own", { slots: 2, queue: 50 }] as const, ["without", undefined] as const])(
    "%s take turns: a quiet one does not wait for all that a loud one asked for",
    async (_, perTenant) => {
      const slots = bulkhead("model calls", { slots: 2, queue: 100, ...(perTenant && { perTenant }) });
      const order: string[] = [];
      const job = (tenant: string) => {
        const { call, end } = pending();
        const enters = async () => {
          order.push(tenant);
          setTimeout(() => end("done"), 10);
          return call();
        };
        return slots.run({ runtime: {}, tenant }, enters);
      };
      const all = Array.from({ length: 30 }, () => job("loud"));
      all.push(job("quiet"), job("quiet"));
      await pass(1_000);
      await Promise.all(all);
      // The two that ran, then one of each.
      expect(order.slice(0, 7)).toEqual(["loud", "loud", "loud", "quiet", "loud", "quiet", "loud"]);
    },
  );

  test("and calls of none take one turn together", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 10, perTenant: { slots: 1, queue: 5 } });
    const [first, ofNone, ofNoneToo, quiet] = [
      enter(slots),
      enter(slots),
      enter(slots),
      enter(slots, "quiet"),
    ];
    const begun = () => [ofNone, ofNoneToo, quiet].map(({ begun }) => begun());
    first.end("done");
    await pass(0);
    expect(begun()).toEqual([1, 0, 0]);
    ofNone.end("done");
    await pass(0);
    expect(begun()).toEqual([1, 0, 1]);
  });

  test("who come anew, one after the other, do not keep waiting the one that has been there for long", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 10, perTenant: { slots: 1, queue: 5 } });
    let running = enter(slots, "steady");
    const waits = enter(slots, "steady");
    for (let at = 0; at < 3; at++) {
      const next = enter(slots, `passing ${at}`);
      running.end("done");
      await pass(0);
      running = waits.begun() === 1 ? waits : next;
    }
    expect(waits.begun()).toBe(1);
  });

  test("a call of none counts against the whole only", async () => {
    const slots = bulkhead("model calls", { slots: 2, queue: 1, perTenant });
    expect([enter(slots), enter(slots)].map(({ begun }) => begun())).toEqual([1, 1]);
    expect(slots.tenants).toBe(0);
  });

  test("that are gone leave nothing behind, whether they were served, stopped or refused", async () => {
    const slots = bulkhead("model calls", { slots: 1, queue: 1, perTenant: { slots: 1, queue: 0 } });
    const stop = new AbortController();
    const served = enter(slots, "served");
    await refused(slots, "refused");
    expect(slots.tenants).toBe(1);
    const stopped = enter(slots, undefined, streamed(stop.signal));
    expect([slots.tenants, stopped.begun()]).toEqual([1, 0]);
    stop.abort();
    expect(slots.tenants).toBe(1);
    served.end("done");
    await pass(0);
    expect(slots.tenants).toBe(0);
  });
});
