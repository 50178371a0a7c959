import { Command, GraphDrained, GraphInterrupt, ParentCommand } from "@langchain/langgraph";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { BreakerEvent } from "#src/events/index.ts";
import { Fault } from "#src/faults/index.ts";
import { type Breaker, breaker } from "#src/isolation/index.ts";
import { pending, streamed, thrownBy, watch } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const down = new Fault("transient", "http_503", "down");
const openMs = 10_000;

function made(after = 3) {
  const changes: BreakerEvent[] = [];
  const endpoint = breaker("the endpoint", { after, openMs, onChange: (event) => changes.push(event) });
  const { runtime, events, types } = streamed();
  const succeed = () => endpoint.run(runtime, async () => "answer");
  const fail = (thrown: unknown = down) =>
    thrownBy(
      endpoint.run(runtime, async () => {
        throw thrown;
      }),
    );
  const failTimes = async (times: number) => {
    for (let time = 0; time < times; time++) expect(await fail()).toBe(down);
  };
  return { endpoint, runtime, events, types, changes, succeed, fail, failTimes };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function refused(endpoint: Breaker): Promise<Fault> {
  const { call, begun } = pending();
  const fault = (await thrownBy(endpoint.run(streamed().runtime, call))) as Fault;
  expect(begun()).toBe(0);
  expect(fault).toMatchObject({ category: "transient", code: "circuit_open" });
  return fault;
}

/** From the state, by the event, to the state. Polly v8 and resilience4j, where they say otherwise, in ADR 19. */
describe("closed", () => {
  test("and a success: closed, and the failures in a row begin anew", async () => {
    const { endpoint, succeed, failTimes } = made();
    await failTimes(2);
    expect(await succeed()).toBe("answer");
    await failTimes(2);
    expect(endpoint.state).toBe("closed");
  });

  test("and fewer failures than `after`: closed", async () => {
    const { endpoint, failTimes } = made();
    await failTimes(2);
    expect(endpoint.state).toBe("closed");
  });

  test("and the failure that makes `after` of them: open, and its caller gets what the call threw", async () => {
    const { endpoint, failTimes } = made();
    await failTimes(3);
    expect(endpoint.state).toBe("open");
  });

  test("and calls that began closed and fail when it is open: it stays open no longer for them", async () => {
    const { endpoint, runtime, failTimes } = made();
    const late = pending();
    const call = watch(endpoint.run(runtime, late.call));
    await pass(0);
    await failTimes(3);
    await pass(openMs - 1);
    late.fail(down);
    await pass(0);
    expect(call.error).toBe(down);
    expect((await refused(endpoint)).retryAfterMs).toBe(1);
  });

  test("and calls from before it was open last time end: they decide nothing any more", async () => {
    const { endpoint, runtime, failTimes, succeed } = made();
    const late = [pending(), pending(), pending(), pending()];
    for (const { call } of late) void thrownBy(endpoint.run(runtime, call));
    await failTimes(3);
    await pass(openMs);
    await succeed();
    const [last, ...others] = late;
    for (const { fail } of others) fail(down);
    await pass(0);
    expect(endpoint.state).toBe("closed");
    await failTimes(2);
    last?.end("answer");
    await pass(0);
    await failTimes(1);
    expect(endpoint.state).toBe("open");
  });

  test("held open by hand: isolated", async () => {
    const { endpoint } = made();
    endpoint.isolate();
    expect(endpoint.state).toBe("isolated");
  });
});

describe("open", () => {
  test("and a call before its time: refused without being made, with the time to the next probe", async () => {
    const { endpoint, failTimes } = made();
    await failTimes(3);
    await pass(2_500);
    const fault = await refused(endpoint);
    expect(fault.retryAfterMs).toBe(7_500);
    expect(fault.details).toEqual({ breaker: "the endpoint", state: "open" });
    expect(fault.message).toBe("the endpoint is not called: its circuit breaker is open");
    expect(endpoint.state).toBe("open");
  });

  test("and its time is over: open still, until somebody calls", async () => {
    const { endpoint, failTimes } = made();
    await failTimes(3);
    await pass(openMs);
    expect(endpoint.state).toBe("open");
  });

  test("and a call after its time: half-open, and the call is the probe", async () => {
    const { endpoint, runtime, failTimes } = made();
    await failTimes(3);
    await pass(openMs);
    const probe = pending();
    void endpoint.run(runtime, probe.call);
    await pass(0);
    expect(probe.begun()).toBe(1);
    expect(endpoint.state).toBe("half_open");
  });

  test("held open by hand: isolated, and closed when that ends", async () => {
    const { endpoint, failTimes, succeed } = made();
    await failTimes(3);
    const end = endpoint.isolate();
    expect(endpoint.state).toBe("isolated");
    end();
    expect(await succeed()).toBe("answer");
  });
});

describe("half-open", () => {
  async function halfOpen() {
    const given = made();
    await given.failTimes(3);
    await pass(openMs);
    const probe = pending();
    const stop = new AbortController();
    const run = streamed(stop.signal);
    const probing = watch(given.endpoint.run(run.runtime, probe.call));
    await pass(0);
    expect(given.endpoint.state).toBe("half_open");
    return { ...given, probe, probing, run, stop };
  }

  test("and a second call: refused at once, where cockatiel alone would have it wait for the probe", async () => {
    const { endpoint, probe } = await halfOpen();
    const fault = await refused(endpoint);
    expect(fault.retryAfterMs).toBe(openMs);
    expect(fault.details).toEqual({ breaker: "the endpoint", state: "half_open" });
    expect(probe.begun()).toBe(1);
  });

  test("and two calls that come together when its time is over: one probe, the other is refused at once", async () => {
    const { endpoint, failTimes } = made();
    await failTimes(3);
    await pass(openMs);
    const calls = [pending(), pending()];
    const runs = calls.map(({ call }) => watch(endpoint.run({}, call)));
    await pass(0);
    expect(calls.map(({ begun }) => begun())).toEqual([1, 0]);
    expect(runs[1]?.error).toMatchObject({ code: "circuit_open" });
  });

  test("and a probe that calls the breaker again: that one is no second probe", async () => {
    const { endpoint, failTimes } = made();
    await failTimes(3);
    await pass(openMs);
    const within = pending();
    const nested = () => endpoint.run({}, within.call);
    expect(await thrownBy(endpoint.run({}, nested))).toMatchObject({ code: "circuit_open" });
    expect(within.begun()).toBe(0);
  });

  test("and the probe succeeds: closed, with no failure left over", async () => {
    const { endpoint, probe, probing, failTimes } = await halfOpen();
    probe.end("answer");
    await pass(0);
    expect(probing.value).toBe("answer");
    expect(endpoint.state).toBe("closed");
    await failTimes(2);
    expect(endpoint.state).toBe("closed");
  });

  test("and the probe fails: open for the whole time again", async () => {
    const { endpoint, probe, probing } = await halfOpen();
    probe.fail(down);
    await pass(0);
    expect(probing.error).toBe(down);
    expect(endpoint.state).toBe("open");
    expect((await refused(endpoint)).retryAfterMs).toBe(openMs);
  });

  test("and the service answers the probe with a refusal: closed, with no failure left over", async () => {
    const { endpoint, probe, failTimes } = await halfOpen();
    const limited = new Fault("transient", "http_429", "slow down");
    probe.fail(limited);
    await pass(0);
    expect(endpoint.state).toBe("closed");
    await failTimes(2);
    expect(endpoint.state).toBe("closed");
  });

  test("and the probe's run is stopped: open, and the next call is the probe", async () => {
    const { endpoint, probe, stop, probing, succeed } = await halfOpen();
    stop.abort(new Error("stopped"));
    expect(endpoint.state).toBe("open");
    probe.fail(stop.signal.reason);
    await pass(0);
    expect(probing.error).toBe(stop.signal.reason);
    expect(endpoint.state).toBe("open");
    expect(await succeed()).toBe("answer");
    expect(endpoint.state).toBe("closed");
  });

  test("and the probe's run is stopped but its body goes on: it holds the breaker no longer, and decides nothing", async () => {
    const { endpoint, probe, stop, succeed } = await halfOpen();
    stop.abort();
    const next = pending();
    void endpoint.run(streamed().runtime, next.call);
    await pass(0);
    expect(endpoint.state).toBe("half_open");
    probe.end("too late");
    await pass(0);
    expect(endpoint.state).toBe("half_open");
    next.end("answer");
    await pass(0);
    expect(await succeed()).toBe("answer");
    expect(endpoint.state).toBe("closed");
  });

  test("and the probe asks a person: open, and the next call is the probe", async () => {
    const { endpoint, probe, probing } = await halfOpen();
    const question = new GraphInterrupt([]);
    probe.fail(question);
    await pass(0);
    expect(probing.error).toBe(question);
    expect(endpoint.state).toBe("open");
  });

  test("and a call from before it opened ends: that decides nothing, the probe does", async () => {
    for (const end of ["answer", "failure"] as const) {
      const { endpoint, runtime, failTimes, fail } = made();
      const late = pending();
      void thrownBy(endpoint.run(runtime, late.call));
      await pass(0);
      await failTimes(3);
      await pass(openMs);
      const probe = pending();
      void endpoint.run(runtime, probe.call);
      await pass(0);
      if (end === "answer") late.end("late");
      else late.fail(down);
      await pass(0);
      expect(endpoint.state).toBe("half_open");
      expect(await fail()).toMatchObject({ code: "circuit_open" });
    }
  });

  test("held open by hand: isolated, whatever the probe says then", async () => {
    for (const ends of ["well", "badly"]) {
      const { endpoint, probe } = await halfOpen();
      endpoint.isolate();
      if (ends === "well") probe.end("answer");
      else probe.fail(down);
      await pass(0);
      expect(endpoint.state).toBe("isolated");
    }
  });
});

describe("isolated", () => {
  test("and a call: refused, with no time at which to come back", async () => {
    const { endpoint } = made();
    endpoint.isolate();
    await pass(openMs * 10);
    const fault = await refused(endpoint);
    expect(fault.retryAfterMs).toBeUndefined();
    expect(fault.message).toBe("the endpoint is not called: its circuit breaker is held open by hand");
  });

  test("by two hands: until both have let go; then closed, with no failure left over", async () => {
    const { endpoint, failTimes } = made();
    await failTimes(2);
    const [one, other] = [endpoint.isolate(), endpoint.isolate()];
    one();
    one();
    expect(endpoint.state).toBe("isolated");
    other();
    expect(endpoint.state).toBe("closed");
    await failTimes(2);
    expect(endpoint.state).toBe("closed");
  });
});

describe("what counts as a failure", () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });
  const status = (status: number, headers: Record<string, string> = {}) =>
    Object.assign(new Error(String(status)), { status, headers });

  test.each([
    ["a refused connection", coded("ECONNREFUSED")],
    ["a connection reset", coded("ECONNRESET")],
    ["a 500", status(500)],
    ["a 503 that says when to come back", status(503, { "retry-after": "5" })],
    ["a 408", status(408)],
    ["a timeout", new DOMException("late", "TimeoutError")],
    ["a fault of one's own", new Fault("transient", "service_timeout", "no answer")],
  ])("%s does", async (_, thrown) => {
    const { endpoint, fail } = made(1);
    expect(await fail(thrown)).toBe(thrown);
    expect(endpoint.state).toBe("open");
  });

  test.each([
    ["a 429", status(429)],
    ["a 429 that says when to come back", status(429, { "retry-after": "5" })],
    ["a 400", status(400)],
    ["a malformed answer", new Fault("llm-recoverable", "malformed_answer", "no JSON")],
    ["JSON that does not parse", new SyntaxError("Unexpected token")],
    ["a payment declined", new Fault("compensable", "payment_declined", "declined")],
    ["a bug", new TypeError("x is not a function")],
    ["a deadlock", coded("40P01")],
  ])("%s does not, and shows that the service is there", async (_, thrown) => {
    const { endpoint, fail, failTimes } = made(2);
    await failTimes(1);
    expect(await fail(thrown)).toBe(thrown);
    await failTimes(1);
    expect(endpoint.state).toBe("closed");
    await failTimes(1);
    expect(endpoint.state).toBe("open");
  });

  test.each([
    ["an interrupt", new GraphInterrupt([])],
    ["a Command to the parent", new ParentCommand(new Command({ graph: Command.PARENT }))],
    ["a drain", new GraphDrained("stopped")],
    ["an abort that nobody asked this run for", new DOMException("aborted", "AbortError")],
    ["a full bulkhead inside", new Fault("transient", "bulkhead_full", "full")],
    ["a spent budget", new Fault("compensable", "budget_spent", "spent")],
  ])("%s is neither failure nor success", async (_, thrown) => {
    const { endpoint, fail, failTimes } = made(2);
    await failTimes(1);
    expect(await fail(thrown)).toBe(thrown);
    expect(endpoint.state).toBe("closed");
    await failTimes(1);
    expect(endpoint.state).toBe("open");
  });

  test("a stopped run is neither, whatever its call then throws", async () => {
    const { endpoint, failTimes } = made(2);
    await failTimes(1);
    const stop = new AbortController();
    const call = pending();
    const run = watch(endpoint.run(streamed(stop.signal).runtime, call.call));
    await pass(0);
    stop.abort(new Error("stopped"));
    call.fail(stop.signal.reason);
    await pass(0);
    expect(run.error).toBe(stop.signal.reason);
    expect(endpoint.state).toBe("closed");
    await failTimes(1);
    expect(endpoint.state).toBe("open");
  });

  test("a run that is stopped already makes no call, and takes no probe", async () => {
    const { endpoint, failTimes, succeed } = made();
    await failTimes(3);
    const call = pending();
    const stopped = () => endpoint.run(streamed(AbortSignal.abort("stopped")).runtime, call.call);
    await expect(stopped()).rejects.toBe("stopped");
    await pass(openMs);
    await expect(stopped()).rejects.toBe("stopped");
    expect(call.begun()).toBe(0);
    expect(await succeed()).toBe("answer");
  });
});

describe("a breaker tells", () => {
  test("each change to the run whose call brought it about, and to its listener", async () => {
    const { endpoint, types, events, changes, failTimes, succeed, fail } = made();
    await failTimes(3);
    expect(events).toEqual([
      { type: "breaker_opened", node: "work", breaker: "the endpoint", retryAfterMs: openMs },
    ]);
    await fail();
    await pass(openMs);
    const bystander = streamed();
    const probe = pending();
    const { runtime } = bystander;
    void endpoint.run(runtime, probe.call);
    await pass(0);
    probe.end("answer");
    await pass(0);
    expect(bystander.types()).toEqual(["breaker_half_open", "breaker_closed"]);
    await succeed();
    expect(types()).toEqual(["breaker_opened", "call_refused"]);
    expect(changes.map(({ type }) => type)).toEqual([
      "breaker_opened",
      "breaker_half_open",
      "breaker_closed",
    ]);
  });

  test("who was refused, and for how long", async () => {
    const { events, failTimes, fail } = made(1);
    await failTimes(1);
    await pass(1_000);
    await fail();
    expect(events.at(-1)).toEqual({
      type: "call_refused",
      node: "work",
      by: "the endpoint",
      code: "circuit_open",
      retryAfterMs: 9_000,
    });
  });

  test("of calls side by side, the run of the one that opened it", async () => {
    const { endpoint } = made(1);
    const [one, other] = [streamed(), streamed()];
    const [first, second] = [pending(), pending()];
    void thrownBy(endpoint.run(one.runtime, first.call));
    void thrownBy(endpoint.run(other.runtime, second.call));
    await pass(0);
    second.fail(down);
    first.fail(down);
    await pass(0);
    expect([one.types(), other.types()]).toEqual([[], ["breaker_opened"]]);
  });

  test("a listener of what is done by hand, where no run is", () => {
    const { endpoint, changes } = made();
    endpoint.isolate()();
    expect(changes).toEqual([
      { type: "breaker_opened", node: "", breaker: "the endpoint", retryAfterMs: undefined },
      { type: "breaker_closed", node: "", breaker: "the endpoint" },
    ]);
  });
});

test.each([
  [{ after: 0, openMs }, "breaker b: after must be a whole number from 1, got 0"],
  [{ after: 2.5, openMs }, "breaker b: after must be a whole number from 1, got 2.5"],
  [{ after: 1, openMs: 0 }, "breaker b: openMs must be a number of ms from 1, got 0"],
  [
    { after: 1, openMs, refreshMs: Number.NaN },
    "breaker b: refreshMs must be a number of ms from 1, got NaN",
  ],
])("a breaker that could never work is refused where it is made", (options, message) => {
  expect(() => breaker("b", options)).toThrow(new RangeError(message));
});
