import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Fault } from "#src/faults/index.ts";
import { type Breaker, breaker } from "#src/isolation/index.ts";
import { memoryStates } from "./breaker-memory-states.ts";
import { pending, streamed, thrownBy, watch } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const openMs = 10_000;
const name = "the endpoint";
const down = new Fault("transient", "http_503", "down");

function workers(count: number, after = 5) {
  const states = memoryStates();
  let calls = 0;
  const all = Array.from({ length: count }, () => breaker(name, { after, openMs, states, probeMs: 60_000 }));
  const heard = streamed();
  const fail = (worker: Breaker, thrown: unknown = down) =>
    thrownBy(
      worker.run(heard.runtime, async () => {
        calls += 1;
        throw thrown;
      }),
    );
  const succeed = (worker: Breaker) =>
    worker.run(heard.runtime, async () => {
      calls += 1;
      return "answer";
    });
  const [one, other] = all as [Breaker, Breaker];
  const open = async () => {
    for (let time = 0; time < after; time++) await fail(one);
    expect(one.state).toBe("open");
  };
  return { states, all, one, other, heard, fail, succeed, open, calls: () => calls };
}

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

describe("a store that is away", () => {
  test.each([["refuses", new Error("connection refused")] as const, ["does not answer", "never"] as const])(
    "%s: no call fails for it, the breaker goes on by its own count and says so once",
    async (_, trouble) => {
      const { one, states, succeed, fail, heard } = workers(1, 3);
      states.trouble = trouble;
      const first = watch(succeed(one));
      await pass(250);
      expect(first.value).toBe("answer");
      for (let time = 0; time < 3; time++) expect(watch(fail(one))).toBeDefined();
      await pass(250);
      expect(one.state).toBe("open");
      expect(heard.events[0]).toEqual({
        type: "breaker_alone",
        node: "work",
        breaker: name,
        message: trouble === "never" ? "no answer in 250 ms" : "connection refused",
      });
      const refused = watch(fail(one));
      await pass(0);
      expect(refused.value).toMatchObject({ code: "circuit_open" });
      await pass(openMs);
      const probe = watch(succeed(one));
      await pass(500);
      expect(probe.value).toBe("answer");
      await pass(250);
      expect(one.state).toBe("closed");
      expect(heard.types().filter((type) => type === "breaker_alone")).toHaveLength(1);
    },
  );

  test("holds up one call in a second at the most, and only until the first found out", async () => {
    const { one, states, succeed } = workers(1);
    states.trouble = "never";
    const first = watch(succeed(one));
    await pass(250);
    expect(first.settled).toBe(true);
    await pass(1_000);
    const next = watch(succeed(one));
    await pass(0);
    expect(next.value).toBe("answer");
  });

  test("and is back: the breaker takes over what the others have, and says so when it is away again", async () => {
    const { one, other, states, succeed, open, fail, heard } = workers(2);
    states.trouble = new Error("away");
    await succeed(other);
    states.trouble = undefined;
    await open();
    await pass(1_000);
    await fail(other);
    await pass(0);
    expect(await fail(other)).toMatchObject({ code: "circuit_open" });
    expect([one.state, other.state]).toEqual(["open", "open"]);
    states.trouble = new Error("away");
    await pass(1_000);
    await fail(other);
    await pass(0);
    expect(heard.types().filter((type) => type === "breaker_alone")).toHaveLength(2);
  });

  test("while a breaker opened: once back, closed for the others, it closes after its time", async () => {
    const { one, states, fail, succeed } = workers(1, 2);
    await succeed(one);
    states.trouble = new Error("away");
    await fail(one);
    await fail(one);
    expect(one.state).toBe("open");
    states.trouble = undefined;
    await pass(openMs);
    expect(await succeed(one)).toBe("answer");
    expect(one.state).toBe("closed");
  });

  test("and comes back without what it knew: nobody stays open for ever", async () => {
    const { one, states, open, succeed } = workers(1);
    await open();
    states.forget(name);
    await pass(openMs);
    expect(await succeed(one)).toBe("answer");
    expect(one.state).toBe("closed");
  });
});
