import { GraphInterrupt } from "@langchain/langgraph";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Fault } from "#src/faults/index.ts";
import { down, made, openMs, pass, probeMs, refused } from "./breaker-made.ts";
import { pending, streamed, thrownBy, watch } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** From the state, by the event, to the state. Polly v8 and resilience4j, where they say otherwise, in ADR 19. */
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

  test("and the probe never ends, in a run that nobody stops: after `probeMs` the next call is the probe", async () => {
    const { endpoint, probe, changes, succeed } = await halfOpen();
    await pass(probeMs - 1);
    await refused(endpoint);
    await pass(1);
    const next = pending();
    const failing = expect(endpoint.run(streamed().runtime, next.call)).rejects.toBe(down);
    await pass(0);
    expect([endpoint.state, next.begun()]).toEqual(["half_open", 1]);
    await refused(endpoint);
    probe.end("too late");
    await pass(0);
    expect(endpoint.state).toBe("half_open");
    next.fail(down);
    await failing;
    await pass(openMs);
    expect(await succeed()).toBe("answer");
    expect(changes.map(({ type }) => type.replace("breaker_", ""))).toEqual([
      ...["opened", "half_open", "opened", "half_open", "opened", "half_open", "closed"],
    ]);
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
