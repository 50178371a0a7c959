import { GraphInterrupt } from "@langchain/langgraph";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Fault } from "#src/faults/index.ts";
import { type BreakerState, breaker } from "#src/isolation/index.ts";
import { memoryStates } from "./breaker-memory-states.ts";
import { pending, streamed, watch } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const openMs = 1_000;
const after = 2;
const probeMs = 1_500;
const settle = () => vi.advanceTimersByTimeAsync(0);

const endings = ["answer", "failure", "refusal", "interrupt"] as const;
type Ending = (typeof endings)[number];

/** `at` picks among the calls under way, so that every number means something. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant("call" as const), by: fc.nat() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      act: fc.constant("end" as const),
      at: fc.nat(),
      ending: fc.constantFrom<Ending>(...endings, "failure", "failure"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("stop" as const), at: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant("pass" as const), ms: fc.constantFrom(1, 500, 1_000, 2_000) }),
  },
);
const byHand = fc.record({ act: fc.constantFrom("isolate" as const, "let go" as const, "let go" as const) });
const roundTrip = ["closed to open", "open to half_open", "half_open to open", "half_open to closed"];
/** Long enough for it. */
const length = { minLength: 20, maxLength: 60 };

const thrownFor: Record<Exclude<Ending, "answer">, unknown> = {
  failure: new Fault("transient", "http_503", "down"),
  refusal: new Fault("transient", "http_429", "slow down"),
  interrupt: new GraphInterrupt([]),
};

/** A call that has begun, or was refused. */
function begin(
  run: (runtime: ReturnType<typeof streamed>["runtime"], call: () => Promise<string>) => Promise<string>,
) {
  const stop = new AbortController();
  const call = pending();
  const seen = watch(run(streamed(stop.signal).runtime, call.call));
  const end = (ending: Ending) => {
    if (ending === "answer") call.end("answer");
    else call.fail(thrownFor[ending]);
  };
  return { begun: call.begun, end, seen, stop };
}

/** The table of states, as it stands in the ADR. */
function model() {
  let state: BreakerState = "closed";
  let failures = 0;
  let until = 0;
  let hands = 0;
  let changes = 0;
  let lostAt = 0;
  const become = (next: BreakerState, ms = 0) => {
    state = next;
    failures = 0;
    until = Date.now() + ms;
    changes += 1;
  };
  return {
    get state() {
      return state;
    },
    /** Undefined: it is refused. Else what tells whether its end counts. */
    call(): number | undefined {
      if (state === "half_open" && Date.now() >= lostAt) become("open");
      if (state === "open" && Date.now() >= until) {
        become("half_open");
        lostAt = Date.now() + probeMs;
        return changes;
      }
      return state === "closed" ? changes : undefined;
    },
    end(began: number, ending: Ending | "stop") {
      if (began !== changes) return;
      if (state === "half_open") {
        if (ending === "failure") become("open", openMs);
        else if (ending === "answer" || ending === "refusal") become("closed");
        else become("open");
      } else if (ending === "failure") {
        failures += 1;
        if (failures === after) become("open", openMs);
      } else if (ending === "answer" || ending === "refusal") failures = 0;
    },
    isolate() {
      if (hands === 0) become("isolated");
      hands += 1;
    },
    letGo() {
      hands -= 1;
      if (hands === 0) become("closed");
    },
    get probeIsLost() {
      return state === "half_open" && Date.now() >= lostAt;
    },
    retryAfterMs() {
      if (state === "isolated") return undefined;
      return state === "open" ? until - Date.now() : openMs;
    },
  };
}

test("no sequence of calls, ends, stops and hands leads out of the table of states", async () => {
  const changes = new Set<string>();
  let probesLost = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 30, arbitrary: step }, { weight: 1, arbitrary: byHand }), length),
      async (steps) => {
        const endpoint = breaker("b", { after, openMs, probeMs });
        const table = model();
        const hands: (() => void)[] = [];
        let under: (ReturnType<typeof begin> & { began: number; stopped: boolean })[] = [];

        for (const chosen of steps) {
          const picked = "at" in chosen ? under[chosen.at % under.length] : undefined;
          const before = table.state;
          if (chosen.act === "call" && table.probeIsLost) probesLost += 1;
          if (chosen.act === "call") {
            const expectedMs = table.state === "closed" ? undefined : table.retryAfterMs();
            const began = table.call();
            const call = begin(endpoint.run);
            await settle();
            expect(call.begun()).toBe(began === undefined ? 0 : 1);
            if (began === undefined)
              expect(call.seen.error).toMatchObject({
                code: "circuit_open",
                ...(expectedMs === undefined ? {} : { retryAfterMs: expectedMs }),
              });
            else under.push({ ...call, began, stopped: false });
          } else if (chosen.act === "end" && picked) {
            under = under.filter((call) => call !== picked);
            picked.end(chosen.ending);
            table.end(picked.began, chosen.ending);
          } else if (chosen.act === "stop" && picked && !picked.stopped) {
            picked.stop.abort();
            picked.stopped = true;
            // Whoever is no probe may still answer.
            if (table.state === "half_open") table.end(picked.began, "stop");
          } else if (chosen.act === "pass") await vi.advanceTimersByTimeAsync(chosen.ms);
          else if (chosen.act === "isolate") {
            hands.push(endpoint.isolate());
            table.isolate();
          } else if (chosen.act === "let go" && hands.length > 0) {
            hands.pop()?.();
            table.letGo();
          }
          await settle();
          expect(endpoint.state).toBe(table.state);
          if (before !== table.state) changes.add(`${before} to ${table.state}`);
          const probes = endpoint.state === "half_open" ? under.filter((call) => isProbe(call)) : [];
          expect(probes.length).toBeLessThanOrEqual(1);
        }

        function isProbe({ stopped, began }: { stopped: boolean; began: number }): boolean {
          return !stopped && began === Math.max(...under.map((call) => call.began));
        }
      },
    ),
    { numRuns: 300 },
  );
  // The way round was gone, so that the table has been walked through.
  expect([...changes]).toEqual(expect.arrayContaining(roundTrip));
  expect(probesLost).toBeGreaterThan(0);
});

test("workers that share a breaker never make two probes at once, and agree in the end", async () => {
  let probesSeen = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, length),
      fc.array(fc.nat({ max: 2 }), { maxLength: 5 }),
      async (steps, burst) => {
        const states = memoryStates();
        const workers = Array.from({ length: 3 }, () =>
          breaker("b", { after, openMs, states, probeMs: 1_000_000 }),
        );
        const worker = (by: number) => workers[by % workers.length] ?? breaker("b", { after, openMs });
        let under: (ReturnType<typeof begin> & { probe: boolean })[] = [];
        /** Who calls when the shared state lets one through is the probe. */
        const enter = async (callers: readonly number[]) => {
          const before = states.row("b")?.state ?? "closed";
          const calls = callers.map((by) => ({ by, ...begin(worker(by).run) }));
          await settle();
          for (const call of calls) {
            if (call.begun() === 0) continue;
            const probe = before !== "closed" && worker(call.by).state === "half_open";
            if (probe) probesSeen += 1;
            under.push({ ...call, probe });
          }
        };

        for (const chosen of steps) {
          const picked = "at" in chosen ? under[chosen.at % under.length] : undefined;
          if (chosen.act === "call") await enter([chosen.by, ...(chosen.by % 3 === 0 ? burst : [])]);
          else if (chosen.act === "end" && picked) {
            under = under.filter((call) => call !== picked);
            picked.end(chosen.ending);
          } else if (chosen.act === "stop" && picked) {
            picked.stop.abort();
            picked.probe = false;
          } else if (chosen.act === "pass") await vi.advanceTimersByTimeAsync(chosen.ms);
          await settle();
          expect(under.filter(({ probe }) => probe).length).toBeLessThanOrEqual(1);
          expect(workers.filter(({ state }) => state === "half_open").length).toBeLessThanOrEqual(1);
        }

        for (const call of under) call.end("interrupt");
        await vi.advanceTimersByTimeAsync(openMs);
        for (const by of [0, 1, 2, 0, 1, 2]) {
          await enter([by]);
          for (const call of under) call.end("answer");
          await vi.advanceTimersByTimeAsync(openMs);
        }
        expect(workers.map(({ state }) => state)).toEqual(["closed", "closed", "closed"]);
        expect(states.row("b")?.state ?? "closed").toBe("closed");
      },
    ),
    { numRuns: 60 },
  );
  expect(probesSeen).toBeGreaterThan(20);
});
