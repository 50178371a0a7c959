import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { openPersistence } from "#checkpoints/index.ts";
import { Fault } from "#src/faults/index.ts";
import { breaker, type SharedState } from "#src/isolation/index.ts";
import { memoryStates } from "../isolation/breaker-memory-states.ts";
import { pending, streamed, thrownBy, watch } from "../isolation/calls.ts";
import { startChild } from "../support/child-process.ts";
import { describePostgres, eachEngine, freshSchema, reusing, runSql } from "../support/database.ts";
import { startProxy } from "../support/proxy.ts";

const down = new Fault("transient", "http_503", "down");
const openMs = 60_000;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

eachEngine("the state of breakers in a database", (openFresh) => {
  const open = reusing(openFresh);

  async function opened(count: number) {
    const { breakers: states, pool, schema } = await open();
    const workers = Array.from({ length: count }, () => breaker("b", { after: 5, openMs, states }));
    const heard = streamed();
    let calls = 0;
    const fail = (at: number) =>
      thrownBy(
        workers[at]?.run(heard.runtime, async () => {
          calls += 1;
          throw down;
        }) ?? Promise.resolve(),
      );
    const succeed = async (at: number) => workers[at]?.run(heard.runtime, async () => "answer");
    const sql = (set: string) => pool.query(`UPDATE "${schema}".breakers SET ${set}`);
    return { states, workers, heard, fail, succeed, calls: () => calls, sql };
  }

  describe("with the workers' clocks in the test's hand", () => {
    beforeEach(() => {
      // Timers too: however busy the machine is, the database is not called away.
      vi.useFakeTimers({ toFake: ["Date", "performance", "setTimeout", "clearTimeout"] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    test("ten workers do not burn five failures each, but five together", async () => {
      const { workers, fail, calls } = await opened(10);
      for (let at = 0; at < 10; at++) await fail(at);
      expect(calls()).toBe(5);
      vi.advanceTimersByTime(1_000);
      for (let at = 0; at < 10; at++) expect(await fail(at)).toMatchObject({ code: "circuit_open" });
      expect(calls()).toBe(5);
      expect(workers.every(({ state }) => state === "open")).toBe(true);
    });

    test("the probe is one worker's, and all go by its outcome", async () => {
      const { workers, fail, succeed, heard, sql } = await opened(10);
      for (let at = 0; at < 10; at++) await fail(at);
      await sql("until = clock_timestamp()");
      vi.advanceTimersByTime(openMs);
      const calls = workers.map(() => pending());
      const runs = workers.map((worker, at) =>
        watch(worker.run(heard.runtime, calls[at]?.call ?? (async () => ""))),
      );
      await until(() => runs.filter(({ settled }) => settled).length === 9);
      const probes = calls.filter(({ begun }) => begun() > 0);
      expect(probes).toHaveLength(1);
      probes[0]?.end("answer");
      await until(() => runs.some(({ value }) => value === "answer"));
      vi.advanceTimersByTime(1_000);
      for (let at = 0; at < 10; at++) expect(await succeed(at)).toBe("answer");
      expect(workers.every(({ state }) => state === "closed")).toBe(true);
    });

    test("a probe whose process is gone is given to the next one when its time is over", async () => {
      const { states, fail, succeed, sql } = await opened(2);
      for (let time = 0; time < 5; time++) await fail(0);
      await sql("until = clock_timestamp()");
      const { turn } = await states.load("b");
      expect((await states.move("b", turn, "half_open", 120_000))?.state).toBe("half_open");
      vi.advanceTimersByTime(openMs);
      expect(await fail(1)).toMatchObject({ code: "circuit_open" });
      await sql("until = clock_timestamp()");
      vi.advanceTimersByTime(120_000);
      expect(await succeed(1)).toBe("answer");
    });

    test("is found by a process that starts later", async () => {
      const { states, fail } = await opened(1);
      for (let time = 0; time < 5; time++) await fail(0);
      const later = breaker("b", { after: 5, openMs, states });
      const { call, begun } = pending();
      const fault = (await thrownBy(later.run({}, call))) as Fault;
      expect(fault.code).toBe("circuit_open");
      expect(fault.retryAfterMs).toBeGreaterThan(openMs - 30_000);
      expect(begun()).toBe(0);
    });
  });

  test("of ten claims for one probe at once, one is given", async () => {
    const { states } = await opened(0);
    const opening = await states.move("b", "0", "open", 0);
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => states.move("b", opening?.turn ?? "", "half_open", 60_000)),
    );
    expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1);
  });

  test("does, whatever is asked in whatever order, what the model of it does", async () => {
    const { states: real, sql } = await opened(0);
    let runs = 0;
    const step = fc.oneof(
      fc.record({ act: fc.constantFrom("load", "failed", "succeeded", "expire") }),
      fc.record({
        act: fc.constant("move"),
        to: fc.constantFrom<SharedState["state"]>("closed", "open", "half_open"),
        late: fc.boolean(),
        lasts: fc.boolean(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const name = `b${++runs}`;
        const model = memoryStates();
        const turns = { real: ["0"], model: ["0"] };
        /** Alike but for the numbers of the turns, which must rise, and for a time that passes. */
        const alike = (seen: SharedState | undefined, expected: SharedState | undefined) => {
          expect(seen?.state).toBe(expected?.state);
          expect(seen?.failures).toBe(expected?.failures);
          if (!seen || !expected) return;
          expect(seen.leftMs > 0).toBe(expected.leftMs > 0);
          expect(seen.turn === turns.real.at(-1)).toBe(expected.turn === turns.model.at(-1));
          if (seen.turn === turns.real.at(-1)) return;
          expect(BigInt(seen.turn)).toBeGreaterThan(BigInt(turns.real.at(-1) ?? 0));
          turns.real.push(seen.turn);
          turns.model.push(expected.turn);
        };
        for (const chosen of steps) {
          if (chosen.act === "load") alike(await real.load(name), await model.load(name));
          else if (chosen.act === "failed") alike(await real.failed(name), await model.failed(name));
          else if (chosen.act === "succeeded") {
            await real.succeeded(name);
            await model.succeeded(name);
          } else if (chosen.act === "expire") {
            await sql(`until = clock_timestamp() WHERE name = '${name}'`);
            model.expire(name);
          } else if ("to" in chosen) {
            const which = chosen.late ? -2 : -1;
            const ms = chosen.lasts && chosen.to !== "closed" ? 60_000 : 0;
            alike(
              await real.move(name, turns.real.at(which) ?? "0", chosen.to, ms),
              await model.move(name, turns.model.at(which) ?? "0", chosen.to, ms),
            );
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

describePostgres("breakers of processes on one Postgres", (url) => {
  async function service() {
    let calls = 0;
    const server = createServer((_, response) => {
      calls += 1;
      response.writeHead(503).end();
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls: () => calls };
  }

  test("four that call a dead service all stop, after a handful of calls together", async () => {
    const schema = freshSchema();
    onTestFinished(() => runSql(url, `DROP SCHEMA "${schema}" CASCADE`));
    const dead = await service();
    const script = "test/checkpoints/processes/call-dead-service.ts";
    const workers = Array.from({ length: 4 }, () =>
      startChild(script, [schema, dead.url], { DATABASE_URL: url }),
    );
    await Promise.all(workers.map((worker) => worker.printed("ready\n")));
    await runSql(url, `CREATE TABLE "${schema}".go ()`);
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
    // Each may have one call under way when the fifth failure is counted, and none makes another after its own.
    expect(dead.calls()).toBeGreaterThanOrEqual(5);
    expect(dead.calls()).toBeLessThanOrEqual(5 + 3);
  }, 120_000);

  test("a database that goes away fails no call: the breaker says so, and goes on by its own count", async () => {
    const schema = freshSchema();
    const proxy = await startProxy(url);
    const persistence = await openPersistence({ databaseUrl: proxy.url, schema, encryptionKey: "" });
    onTestFinished(async () => {
      await persistence.close();
      await proxy.close();
      await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);
    });
    const alone = breaker("b", { after: 2, openMs, states: persistence.breakers, refreshMs: 1 });
    const { runtime, types } = streamed();
    expect(await alone.run(runtime, async () => "answer")).toBe("answer");
    await proxy.cut();
    expect(await alone.run(runtime, async () => "answer")).toBe("answer");
    expect(types()).toEqual(["breaker_alone"]);
    const fail = () => thrownBy(alone.run(runtime, () => Promise.reject(down)));
    expect([await fail(), await fail()]).toEqual([down, down]);
    expect(await fail()).toMatchObject({ code: "circuit_open" });
    expect(types().filter((type) => type === "breaker_alone")).toHaveLength(1);
  });
});
