import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { down, made, openMs, pass } from "./breaker-made.ts";
import { pending, streamed, thrownBy } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
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
