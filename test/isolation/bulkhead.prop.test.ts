import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Bulkhead, bulkhead } from "#src/isolation/index.ts";
import { pending, streamed, watch } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const limits = fc.record({ slots: fc.integer({ min: 1, max: 3 }), queue: fc.integer({ min: 0, max: 4 }) });
const parties = ["a", "b", "c", undefined];
const settings = fc.record({ whole: limits, perTenant: fc.option(limits, { nil: undefined }) });

/** `at` picks among the calls of its kind, so that every number means something. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant("enter" as const),
      tenant: fc.constantFrom(...parties),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constantFrom("answer" as const, "fail" as const), at: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("stop" as const), at: fc.nat() }) },
);
const steps = fc.array(step, { minLength: 10, maxLength: 60 });

type Limits = { readonly slots: number; readonly queue: number };

interface Call {
  readonly id: number;
  readonly tenant: string | undefined;
}

/** Who runs and who waits, by the rules alone. A tenant's turn is by when it was started last, or came. */
function model({ whole, perTenant = whole }: { whole: Limits; perTenant?: Limits | undefined }) {
  let running: Call[] = [];
  let waiting: Call[] = [];
  let time = 0;
  const turns = new Map<string | undefined, number>();
  const of = (calls: Call[], tenant: string | undefined) =>
    calls.filter((call) => call.tenant === tenant).length;
  const isIdle = (tenant: string | undefined) => of(running, tenant) + of(waiting, tenant) === 0;
  const limits = (tenant: string | undefined) => (tenant === undefined ? whole : perTenant);
  const hasSlot = ({ tenant }: Call) =>
    running.length < whole.slots && of(running, tenant) < limits(tenant).slots;
  const turnOf = ({ tenant }: Call) => turns.get(tenant) ?? 0;
  const start = (call: Call) => {
    running.push(call);
    waiting = waiting.filter((other) => other !== call);
    turns.set(call.tenant, ++time);
  };
  const next = () => waiting.filter(hasSlot).sort((a, b) => turnOf(a) - turnOf(b) || a.id - b.id)[0];
  const byId = (calls: Call[]) => calls.map(({ id }) => id).sort((a, b) => a - b);
  return {
    ids: () => ({ running: byId(running), waiting: byId(waiting) }),
    tenants: () => new Set([...running, ...waiting].flatMap(({ tenant }) => tenant ?? [])).size,
    /** False: it is refused. */
    enter(call: Call): boolean {
      const { tenant } = call;
      const wasIdle = isIdle(tenant);
      if (wasIdle) turns.set(tenant, ++time);
      if (hasSlot(call)) {
        start(call);
        return true;
      }
      const mayPass = wasIdle && whole.queue > 0;
      if (of(waiting, tenant) >= limits(tenant).queue) return false;
      if (waiting.length >= whole.queue && !mayPass) return false;
      waiting.push(call);
      return true;
    },
    leave(id: number) {
      running = running.filter((call) => call.id !== id);
      waiting = waiting.filter((call) => call.id !== id);
      for (let call = next(); call; call = next()) start(call);
    },
  };
}

/** One call through a bulkhead, with what can be seen of it. */
function enter(slots: Bulkhead, call: Call, order: number[]) {
  const stop = new AbortController();
  const { end, fail, ...under } = pending();
  let ended = false;
  const seen = watch(
    slots.run({ runtime: streamed(stop.signal).runtime, tenant: call.tenant }, () => {
      order.push(call.id);
      return under.call();
    }),
  );
  return {
    ...call,
    seen,
    stop: () => stop.abort(),
    end(well: boolean) {
      ended = true;
      if (well) end("answer");
      else fail(new Error("down"));
    },
    runs: () => under.begun() === 1 && !ended,
    waits: () => under.begun() === 0 && !seen.settled,
  };
}

function calls({ whole, perTenant }: Parameters<typeof model>[0]) {
  const slots = bulkhead("b", { ...whole, ...(perTenant && { perTenant }) });
  const all: ReturnType<typeof enter>[] = [];
  /** Ids in the order in which they began. */
  const order: number[] = [];
  return {
    slots,
    all,
    order,
    enter(tenant: string | undefined) {
      const call = enter(slots, { id: all.length, tenant }, order);
      all.push(call);
      return call;
    },
    running: () => all.filter(({ runs }) => runs()),
    waiting: () => all.filter(({ waits }) => waits()),
  };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

test("whoever comes, ends or is stopped: those run and wait that should, and nobody else", async () => {
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(settings, steps, async (given, chosen) => {
      const { slots, enter, running, waiting } = calls(given);
      const rules = model(given);
      for (const next of chosen) {
        if (next.act === "enter") {
          const call = enter(next.tenant);
          await settle();
          const admitted = rules.enter(call);
          if (!admitted) {
            refusals += 1;
            expect(call.seen.error).toMatchObject({ category: "transient", code: "bulkhead_full" });
          }
        } else if (next.act === "stop") {
          const picked = waiting()[next.at % waiting().length];
          picked?.stop();
          if (picked) rules.leave(picked.id);
        } else {
          const picked = running()[next.at % running().length];
          picked?.end(next.act === "answer");
          if (picked) rules.leave(picked.id);
        }
        await settle();
        const ids = (of: readonly Call[]) => of.map(({ id }) => id).sort((a, b) => a - b);
        expect({ running: ids(running()), waiting: ids(waiting()) }).toEqual(rules.ids());
        expect([slots.running, slots.waiting, slots.tenants]).toEqual([
          rules.ids().running.length,
          rules.ids().waiting.length,
          rules.tenants(),
        ]);
      }
    }),
    { numRuns: 150 },
  );
  expect(refusals).toBeGreaterThan(0);
});

test("in whatever turn of the event loop they come: the limits hold, nobody is passed by his own tenant, all are served", async () => {
  await fc.assert(
    fc.asyncProperty(
      settings,
      fc.array(fc.tuple(step, fc.nat({ max: 4 })), { minLength: 10, maxLength: 60 }),
      async (given, chosen) => {
        const { slots, all, order, enter, running, waiting } = calls(given);
        const check = () => {
          expect(running().length).toBeLessThanOrEqual(given.whole.slots);
          // One more for each tenant, and for those without.
          const most = given.whole.queue === 0 ? 0 : given.whole.queue + parties.length;
          expect(slots.waiting).toBeLessThanOrEqual(most);
          for (const tenant of given.perTenant ? ["a", "b", "c"] : []) {
            const mine = running().filter((call) => call.tenant === tenant);
            expect(mine.length).toBeLessThanOrEqual(given.perTenant?.slots ?? 0);
          }
        };
        for (const [next, turns] of chosen) {
          if (next.act === "enter") enter(next.tenant);
          else if (next.act === "stop") waiting()[next.at % waiting().length]?.stop();
          else running()[next.at % running().length]?.end(true);
          // Not until all is quiet: what comes next comes in the middle of what goes on.
          for (let turn = 0; turn < turns; turn++) await Promise.resolve();
          check();
        }
        await settle();
        for (let left = running(); left.length > 0 || waiting().length > 0; left = running()) {
          left[0]?.end(true);
          await settle();
          check();
        }
        for (const tenant of parties) {
          const mine = order.filter((id) => all[id]?.tenant === tenant);
          expect(mine).toEqual(mine.toSorted((a, b) => a - b));
        }
        expect([slots.running, slots.waiting, slots.tenants]).toEqual([0, 0, 0]);
        expect(vi.getTimerCount()).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
});
