import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { breaker } from "#src/isolation/index.ts";
import { down, made, openMs, pass, refused } from "./breaker-made.ts";
import { pending, thrownBy, watch } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

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
