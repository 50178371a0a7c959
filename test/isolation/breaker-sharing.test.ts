import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Fault } from "#src/faults/index.ts";
import { down, name, openMs, pass, workers } from "./breaker-workers.ts";
import { pending, streamed, thrownBy, watch } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("workers that share a breaker", () => {
  test("make so many failing calls together, and not each", async () => {
    const { all, fail, calls } = workers(10);
    for (let round = 0; round < 3; round++) for (const worker of all) await fail(worker);
    // Five, and one each of the four who had just read that it was closed.
    expect(calls()).toBe(9);
  });

  test("go by a state that is no older than a second", async () => {
    const { one, other, open, succeed, fail } = workers(2);
    await succeed(other);
    await pass(1);
    await open();
    await pass(998);
    expect(await succeed(other)).toBe("answer");
    await pass(1);
    expect(await fail(other)).toMatchObject({ code: "circuit_open" });
    expect([one.state, other.state]).toEqual(["open", "open"]);
  });

  test("ask the store once a second, however many calls they make", async () => {
    const { one, succeed, states } = workers(1);
    for (let call = 0; call < 100; call++) await succeed(one);
    expect(states.asked).toBe(1);
    await pass(1_000);
    for (let call = 0; call < 100; call++) await succeed(one);
    expect(states.asked).toBe(2);
  });

  test("wait for the same time as the one that opened it", async () => {
    const { other, open, fail } = workers(2);
    await open();
    await pass(4_000);
    expect(await fail(other)).toMatchObject({ code: "circuit_open", retryAfterMs: 6_000 });
  });

  test("count failures in a row: an answer to one of those that failed begins the count anew", async () => {
    const { one, other, fail, succeed, states } = workers(2);
    for (let time = 0; time < 4; time++) await fail(one);
    await pass(1_000);
    expect(await succeed(other)).toBe("answer");
    expect(states.row(name)?.failures).toBe(0);
    for (let time = 0; time < 4; time++) await fail(one);
    expect(one.state).toBe("closed");
  });

  test("make one probe, whoever comes first; the others are refused meanwhile", async () => {
    const { all, open } = workers(10);
    await open();
    await pass(openMs);
    const calls = all.map(() => pending());
    const runs = all.map((worker, at) => watch(worker.run({}, calls[at]?.call ?? (async () => ""))));
    await pass(0);
    expect(calls.filter(({ begun }) => begun() > 0)).toHaveLength(1);
    expect(runs.filter(({ error }) => (error as Fault | undefined)?.code === "circuit_open")).toHaveLength(9);
  });

  test("ask for one probe, however many calls of one worker come at once", async () => {
    const { one, open, states } = workers(1);
    await open();
    await pass(openMs);
    const before = states.asked;
    const calls = Array.from({ length: 10 }, () => pending());
    for (const { call } of calls) void thrownBy(one.run({}, call));
    await pass(0);
    expect(calls.filter(({ begun }) => begun() > 0)).toHaveLength(1);
    expect(states.asked - before).toBe(2); // A look and a claim.
  });

  test("leave a long probe alone, however often they ask meanwhile", async () => {
    const { one, other, open, fail, states } = workers(2);
    await open();
    await pass(openMs);
    const probe = pending();
    const probing = watch(one.run({}, probe.call));
    for (let second = 0; second < 20; second++) {
      await pass(1_000);
      expect(await fail(other)).toMatchObject({ code: "circuit_open" });
    }
    expect(states.row(name)?.state).toBe("half_open");
    probe.end("answer");
    await pass(0);
    expect(probing.value).toBe("answer");
    expect([one.state, states.row(name)?.state]).toEqual(["closed", "closed"]);
  });

  test("go on together when the probe succeeded", async () => {
    const { one, other, open, succeed } = workers(2);
    await open();
    await pass(openMs);
    expect(await succeed(other)).toBe("answer");
    await pass(1_000);
    expect(await succeed(one)).toBe("answer");
    expect([one.state, other.state]).toEqual(["closed", "closed"]);
  });

  test("wait together when the probe failed", async () => {
    const { one, other, open, fail, calls } = workers(2);
    await open();
    await pass(openMs);
    await fail(other);
    await pass(1_000);
    expect(await fail(one)).toMatchObject({ code: "circuit_open", retryAfterMs: openMs - 1_000 });
    expect(calls()).toBe(6);
  });

  test("make the next probe when the one that made the last is gone for good", async () => {
    const { one, other, open, succeed, fail } = workers(2);
    await open();
    await pass(openMs);
    const lost = pending();
    const losing = watch(one.run({}, lost.call));
    await pass(59_000);
    expect(await fail(other)).toMatchObject({ code: "circuit_open", retryAfterMs: 1_000 });
    await pass(1_000);
    expect(await succeed(other)).toBe("answer");
    // It was only slow. The other's probe has decided.
    lost.fail(down);
    await pass(0);
    expect(losing.error).toBe(down);
    expect(one.state).toBe("closed");
  });

  test("make the next probe also when the one that is lost was their own", async () => {
    const { one, open, succeed, states } = workers(1);
    await open();
    await pass(openMs);
    void one.run({}, pending().call);
    await pass(60_000);
    expect(await succeed(one)).toBe("answer");
    expect([one.state, states.row(name)?.state]).toEqual(["closed", "closed"]);
  });

  test("make the next probe at once when the run of the last was stopped", async () => {
    const { one, other, open, succeed } = workers(2);
    await open();
    await pass(openMs);
    const stop = new AbortController();
    const probe = pending();
    void thrownBy(one.run(streamed(stop.signal).runtime, probe.call));
    await pass(0);
    stop.abort();
    await pass(0);
    expect(await succeed(other)).toBe("answer");
  });

  test("make no call for a run that was stopped while the store was asked", async () => {
    const { one } = workers(1);
    const stop = new AbortController();
    const { call, begun } = pending();
    const run = watch(one.run(streamed(stop.signal).runtime, call));
    stop.abort("stopped");
    await pass(0);
    expect([run.error, begun()]).toEqual(["stopped", 0]);
  });

  test("do not take part in what one of them holds open by hand", async () => {
    const { one, other, succeed, fail, open } = workers(2);
    const end = one.isolate();
    expect(await succeed(other)).toBe("answer");
    end();
    await open();
    await fail(other);
    const endAgain = one.isolate();
    await pass(1_000);
    endAgain();
    expect(await fail(one)).toMatchObject({ code: "circuit_open", details: { state: "open" } });
  });

  test("tell what others have changed to the run that found it", async () => {
    const { other, open, fail, heard } = workers(2);
    await open();
    heard.events.length = 0;
    await fail(other);
    expect(heard.types()).toEqual(["breaker_opened", "call_refused"]);
  });
});
