import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { BreakerEvent } from "#src/events/index.ts";
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
  const changes: string[] = [];
  const onChange = ({ type }: BreakerEvent) => changes.push(type);
  const all = Array.from({ length: count }, () =>
    breaker(name, { after, openMs, states, probeMs: 60_000, onChange }),
  );
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
  return { states, all, one, other, heard, changes, fail, succeed, open, calls: () => calls };
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

describe("a store that is away", () => {
  test.each([["refuses", new Error("connection refused")] as const, ["does not answer", "never"] as const])(
    "%s: no call fails for it, the breaker goes on by its own count and says so once",
    async (_, trouble) => {
      const { one, states, succeed, fail, heard } = workers(1, 3);
      states.trouble = trouble;
      const first = watch(succeed(one));
      await pass(1_000);
      expect(first.value).toBe("answer");
      // From now on nobody waits for it.
      const settled = async (run: Promise<unknown>) => {
        const seen = watch(run);
        await pass(0);
        return seen.value;
      };
      for (let time = 0; time < 3; time++) expect(await settled(fail(one))).toBe(down);
      expect(one.state).toBe("open");
      expect(await settled(fail(one))).toMatchObject({ code: "circuit_open" });
      await pass(openMs);
      expect(await settled(succeed(one))).toBe("answer");
      expect(one.state).toBe("closed");
      expect(heard.events.filter(({ type }) => type === "breaker_alone")).toEqual([
        {
          type: "breaker_alone",
          node: "work",
          breaker: name,
          message: trouble === "never" ? "no answer in 1000 ms" : "connection refused",
        },
      ]);
    },
  );

  test("for long is looked for once a second, and not talked about again", async () => {
    const { one, states, succeed, changes } = workers(1);
    states.trouble = new Error("away");
    for (let call = 0; call < 50; call++) {
      await succeed(one);
      await pass(100);
    }
    expect(states.asked).toBe(5);
    expect(changes).toEqual(["breaker_alone"]);
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

  test("while a breaker opened: once back, it is told, and the others stop too", async () => {
    const { one, other, states, fail, succeed } = workers(2, 2);
    await succeed(one);
    states.trouble = new Error("away");
    await fail(one);
    await fail(one);
    expect(one.state).toBe("open");
    states.trouble = undefined;
    await pass(1_000);
    await fail(one);
    await pass(0);
    expect(await fail(other)).toMatchObject({ code: "circuit_open", retryAfterMs: openMs - 1_000 });
    await pass(openMs);
    expect(await succeed(one)).toBe("answer");
    await pass(1_000);
    expect(await succeed(other)).toBe("answer");
  });

  test("that gives a probe but says so too late: what the probe found is told, and nobody waits for it in vain", async () => {
    const { one, other, states, open, succeed, fail } = workers(2);
    await open();
    await pass(openMs - 1);
    await fail(one);
    await pass(1);
    states.answersAfterMs = 1_400;
    const probe = watch(succeed(one));
    await pass(3_000);
    expect(probe.value).toBe("answer");
    expect(states.row(name)?.state).toBe("half_open");
    states.answersAfterMs = 0;
    await succeed(one);
    await pass(1_000);
    await succeed(one);
    await pass(1_000);
    expect(await succeed(other)).toBe("answer");
    expect([one.state, other.state]).toEqual(["closed", "closed"]);
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
