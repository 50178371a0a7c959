import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { memoryStates } from "./breaker-memory-states.ts";
import { down, name, openMs, pass, workers } from "./breaker-workers.ts";
import { pending, thrownBy, watch } from "./calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
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

describe("a store that can be read and not written", () => {
  const kinds = [
    ["refuses what is written", new Error("cannot execute UPDATE in a read-only transaction")] as const,
    ["leaves it without an answer", "never"] as const,
  ];
  /** Slower than reads of the state: between two failures the row says each time that there was none. */
  async function failing(times: number, { one, fail, states }: ReturnType<typeof workers>) {
    const settled: unknown[] = [];
    for (let time = 0; time < times; time++) {
      const call = watch(fail(one));
      // The first finds out. From then on nobody waits.
      await pass(time === 0 && states.writeTrouble === "never" ? 1_000 : 0);
      settled.push(call.error ?? call.value);
      await pass(1_500);
    }
    return settled;
  }

  test.each(kinds)(
    "and %s: the breaker opens by its own count, and says once that it is alone",
    async (_, trouble) => {
      const given = workers(1, 3);
      given.states.writeTrouble = trouble;
      expect(await failing(3, given)).toEqual([down, down, down]);
      expect(given.one.state).toBe("open");
      const refusals = await failing(2, given);
      expect(refusals).toMatchObject([{ code: "circuit_open" }, { code: "circuit_open" }]);
      expect(given.calls()).toBe(3);
      expect(given.changes.filter((type) => type === "breaker_alone")).toHaveLength(1);
    },
  );

  test.each(kinds)(
    "and %s, then is whole: it is told what it missed, before anything else fails",
    async (_, trouble) => {
      const given = workers(2, 4);
      const { states, one, other, succeed, fail } = given;
      states.writeTrouble = trouble;
      await failing(3, given);
      expect(states.row(name)).toBeUndefined();
      states.writeTrouble = undefined;
      await pass(0);
      // A look for the store, with a call that does not end yet.
      const long = pending();
      void one.run({}, long.call);
      await pass(0);
      expect(states.row(name)?.failures).toBe(3);
      await fail(other);
      expect([other.state, states.row(name)?.state]).toEqual(["open", "open"]);
      await pass(1_000);
      await thrownBy(succeed(one));
      expect(one.state).toBe("open");
    },
  );

  test("is asked for one write at a time, however long that hangs: each holds a connection", async () => {
    const given = workers(1, 10);
    given.states.writeTrouble = "never";
    await failing(9, given);
    // Nine reads, and the write that hangs.
    expect(given.states.asked).toBe(10);
    // That connection is lost, and the next write hangs too: no call waits for it.
    given.states.writeTrouble = "never";
    const call = watch(given.fail(given.one));
    await pass(0);
    expect([call.settled, given.states.asked]).toEqual([true, 12]);
  });

  test("while the breaker opened is told of that when it can be written, and says so when it cannot be again", async () => {
    const given = workers(2, 2);
    const { states, one, other, fail, heard } = given;
    states.writeTrouble = new Error("read-only");
    await failing(2, given);
    expect(one.state).toBe("open");
    states.writeTrouble = undefined;
    await fail(one);
    await pass(0);
    expect(states.row(name)?.state).toBe("open");
    expect(await fail(other)).toMatchObject({ code: "circuit_open" });
    states.writeTrouble = new Error("read-only");
    await pass(openMs);
    await fail(one);
    expect(heard.types().filter((type) => type === "breaker_alone")).toHaveLength(2);
  });

  test("still shows what the others have opened", async () => {
    const { states, one, other, open, succeed, fail } = workers(2, 3);
    states.writeTrouble = new Error("read-only here");
    await fail(other);
    states.writeTrouble = undefined;
    await open();
    states.writeTrouble = new Error("read-only here");
    await pass(1_000);
    // Not a call later.
    expect(await thrownBy(succeed(other))).toMatchObject({ code: "circuit_open" });
    expect([one.state, other.state]).toEqual(["open", "open"]);
  });
});

test("failures that a store missed are not forgotten when it is back and says that there were none", async () => {
  const { one, states, fail, succeed } = workers(1, 4);
  await succeed(one);
  states.trouble = new Error("away");
  for (let time = 0; time < 3; time++) await fail(one);
  states.trouble = undefined;
  await pass(1_000);
  await fail(one);
  await pass(0);
  expect([one.state, states.row(name)?.state]).toEqual(["open", "open"]);
});

test("a store that carries out what it answers too late does not count one failure again and again", async () => {
  const states = memoryStates();
  const failed = async (name: string) => {
    const seen = await states.failed(name);
    await new Promise((resolve) => setTimeout(resolve, 1_400));
    return seen;
  };
  const { one, fail } = workers(1, 3, { ...states, failed });
  const call = watch(fail(one));
  await pass(5_000);
  expect(call.error ?? call.value).toBe(down);
  for (let second = 0; second < 20; second++) {
    const { call } = pending();
    void one.run({}, call);
    await pass(1_500);
  }
  expect([one.state, states.row(name)?.failures]).toEqual(["closed", 1]);
});
