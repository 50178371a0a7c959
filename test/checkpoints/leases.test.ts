import { describe, expect, test } from "vitest";
import { isLeaseHeldError, isLeaseLostError } from "#checkpoints/lease-errors.ts";
import { createLeases, type Leases } from "#checkpoints/leases.ts";
import { openPersistence } from "#checkpoints/persistence.ts";
import { describePostgres, eachEngine, freshSchema, runSql } from "../support/database.ts";
import { startProxy } from "../support/proxy.ts";

const thrown = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Resolves when the run may go on, and tells when it has begun. */
function gate() {
  let open = () => {};
  let begun = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const run = () => {
    begun();
    return opened;
  };
  return { open, hasBegun, run };
}

eachEngine("a thread's lease", (open) => {
  async function opened(ttlMs = 30_000) {
    const persistence = await open();
    const { pool, schema } = persistence;
    const process = (): Leases => createLeases(pool, schema, ttlMs);
    const leases = `"${schema}".leases`;
    const sql = (set: string) => pool.query(`UPDATE ${leases} SET ${set}`);
    return { ...persistence, process, sql };
  }

  test("a second run of the thread is refused, and is told who has it and until when", async () => {
    const { process: leases } = await opened();
    const [one, other] = [leases(), leases()];
    const { open, hasBegun, run } = gate();
    const first = one.hold("t", run);
    await hasBegun;
    for (const second of [one, other]) {
      const error = await thrown(second.hold("t", async () => "ran"));
      expect(isLeaseHeldError(error)).toBe(true);
      expect(String(error)).toMatch(
        new RegExp(
          `Thread t is being run by this process \\(${process.pid}\\) already, since \\d{4}-.*Wait until .* its lease ends at \\d{4}-`,
        ),
      );
    }
    expect(await other.hold("u", async () => "another thread")).toBe("another thread");
    open();
    await first;
    expect(await other.hold("t", async () => "after it")).toBe("after it");
  });

  test("a run that throws leaves the thread free, and its error as it was", async () => {
    const { process: leases } = await opened();
    const one = leases();
    const error = new Error("the run's own");
    expect(await thrown(one.hold("t", () => Promise.reject(error)))).toBe(error);
    expect(one.tokenOf("t")).toBeUndefined();
    expect(await leases().hold("t", async () => "free")).toBe("free");
  });

  test("the caller's signal reaches the run, and a call that comes too late takes no lease", async () => {
    const { process: leases } = await opened();
    const one = leases();
    const stop = new AbortController();
    const running = one.hold(
      "t",
      (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      { signal: stop.signal },
    );
    while (one.tokenOf("t") === undefined) await new Promise(setImmediate);
    stop.abort(new Error("the caller's"));
    await expect(running).rejects.toThrow("the caller's");
    const late = one.hold("t", async () => "ran", { signal: stop.signal });
    await expect(late).rejects.toThrow("the caller's");
    expect(await leases().hold("t", async () => "free")).toBe("free");
  });

  test("a run outlives its lease's first end: the lease is renewed", async () => {
    const { process: leases } = await opened(600);
    const [one, other] = [leases(), leases()];
    const { open, hasBegun, run } = gate();
    const first = one.hold("t", async (signal) => {
      await run();
      signal.throwIfAborted();
    });
    await hasBegun;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(isLeaseHeldError(await thrown(other.hold("t", async () => {})))).toBe(true);
    open();
    await first;
  });

  describe("once it is lost", () => {
    const untilAborted = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("Abort"))));

    test("by another's token, the run is aborted at the next renewal and the caller told why", async () => {
      const { process: leases, sql } = await opened(900);
      const one = leases();
      let reason: unknown;
      const running = one.hold("t", async (signal) => {
        await sql("token = token + 1000");
        return untilAborted(signal).finally(() => {
          reason = signal.reason;
        });
      });
      const error = await thrown(running);
      expect(isLeaseLostError(error)).toBe(true);
      expect(reason).toBe(error);
    });

    test("by its end, it is not renewed again though nobody else has it", async () => {
      const { process: leases, sql } = await opened(900);
      const running = leases().hold("t", async (signal) => {
        await sql("expires_at = clock_timestamp()");
        return untilAborted(signal);
      });
      expect(isLeaseLostError(await thrown(running))).toBe(true);
      expect(await leases().hold("t", async () => "free")).toBe("free");
    });

    test("its end leaves the new holder's lease alone", async () => {
      const { process: leases, sql } = await opened();
      const [one, other] = [leases(), leases()];
      const { open, hasBegun, run } = gate();
      let second: Promise<void> | undefined;
      await one.hold("t", async () => {
        await sql("expires_at = clock_timestamp()");
        second = other.hold("t", run);
        await hasBegun;
      });
      expect(isLeaseHeldError(await thrown(leases().hold("t", async () => {})))).toBe(true);
      open();
      await second;
    });
  });

  test("closing frees the threads and stops their runs", async () => {
    const { process: leases } = await opened();
    const one = leases();
    const { hasBegun, run } = gate();
    let stopped: AbortSignal | undefined;
    const running = one.hold("t", (signal) => {
      stopped = signal;
      return run();
    });
    await hasBegun;
    await one.close();
    expect(stopped?.aborted).toBe(true);
    expect(await leases().hold("t", async () => "free")).toBe("free");
    void running;
  });

  test("a lease may last any time but none and more than a timer can be set to, which is said before anything is opened", async () => {
    const { pool, schema } = await opened();
    for (const leaseMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
      expect(() => createLeases(pool, schema, leaseMs)).toThrow(RangeError);
      const opening = openPersistence({ databaseUrl: "postgres://nobody@nowhere.invalid/x", leaseMs });
      await expect(opening).rejects.toThrow(
        `leaseMs must be above 0 and at most 2147483647 (24 days), got ${leaseMs}`,
      );
    }
    expect(await createLeases(pool, schema, 2 ** 31 - 1).hold("t", async () => "ran")).toBe("ran");
  });

  test.each([
    [
      "expires_at = 'infinity', holder = 'zz'",
      /by a process of another version, since \d{4}-.* if it is gone, delete its row in the table of leases/,
    ],
    ["expires_at = '290000-01-01', since = '-infinity'", /already\. Wait until that run has ended\.$/],
    ["since = '-infinity'", /already\. Wait until .* its lease ends at \d{4}-/],
  ])("one that was tampered with, %s, is told like any other", async (set, says) => {
    const { process: leases, sql } = await opened();
    await leases().hold("t", async () => {
      await sql(set);
      const error = await thrown(leases().hold("t", async () => "ran"));
      expect(error).toMatchObject({ name: "LeaseHeldError", message: expect.stringMatching(says) });
    });
  });
});

describePostgres("a database that goes away", (url) => {
  /** A lease through a proxy that is cut for `cutMs` while its run lasts `runMs`. */
  async function heldThroughCut(leaseMs: number, cutMs: number, runMs: number) {
    const schema = freshSchema();
    const proxy = await startProxy(url);
    const { leases, close } = await openPersistence({ databaseUrl: proxy.url, schema, leaseMs });
    let mended: Promise<void> | undefined;
    const run = leases.hold("t", async (signal) => {
      await proxy.cut();
      mended = new Promise((resolve) => setTimeout(resolve, cutMs)).then(proxy.mend);
      const over = AbortSignal.any([signal, AbortSignal.timeout(runMs)]);
      await new Promise((resolve) => over.addEventListener("abort", resolve));
      return signal.aborted ? "lost" : "kept";
    });
    const outcome = await run;
    await mended;
    const again = await thrown(leases.hold("t", async () => {}));
    await close();
    await proxy.close();
    await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);
    return { outcome, again };
  }

  test("for as long as a lease lasts: the run is stopped, though nobody could tell it", async () => {
    expect((await heldThroughCut(900, 4_000, 2_500)).outcome).toBe("lost");
  });

  test("for less: a renewal that failed is made up for, and the run goes on", async () => {
    expect((await heldThroughCut(3_000, 1_500, 4_000)).outcome).toBe("kept");
  });

  test("when the run ends: its thread is freed once the database is back, not when the lease is over", async () => {
    expect(await heldThroughCut(60_000, 500, 100)).toEqual({ outcome: "kept", again: undefined });
  });
});
