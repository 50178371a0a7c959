import { type LangGraphRunnableConfig, StateGraph } from "@langchain/langgraph";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import {
  isLeaseHeldError,
  isLeaseLostError,
  type Leases,
  openPersistence,
  type Persistence,
} from "#checkpoints/index.ts";
import { createLeases } from "#checkpoints/leases.ts";
import { createSaga, effects } from "#src/recovery/index.ts";
import { bubbleUp, errorRoutes, faultChannels, guarded } from "#src/routing/index.ts";
import { describePostgres, eachEngine, freshSchema, runSql } from "../support/database.ts";

const thrown = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

eachEngine("the fence", (open) => {
  let persistence: Persistence;
  beforeEach(async () => {
    persistence = await open();
  });

  const sql = (set: string) => persistence.pool.query(`UPDATE "${persistence.schema}".leases SET ${set}`);
  /** Another process of the same database. */
  const another = (): Leases => createLeases(persistence.pool, persistence.schema, 30_000);
  const effect = (thread = "t") => ({ key: `${thread}|pay`, thread, name: "pay", args: null });
  const claim = () => persistence.ledger.claim(effect());
  const transact = (run: () => void = () => {}) =>
    persistence.ledger.transact(effect(), async () => {
      run();
      return "paid";
    });

  describe("lets in", () => {
    test("who holds the lease", async () => {
      const { leases } = persistence;
      expect(await leases.hold("t", claim)).toEqual({ status: "run", attempt: 1 });
      expect(await leases.hold("t", () => transact())).toBe("paid");
    });

    test("who holds none, while nobody does", async () => {
      expect(await claim()).toEqual({ status: "run", attempt: 1 });
      await another().hold("t", async () => {});
      expect(await claim()).toEqual({ status: "run", attempt: 2 });
      await sql("expires_at = clock_timestamp()");
      expect(await transact()).toBe("paid");
    });

    test("who holds the lease of a thread named by a number, or by that number's text", async () => {
      const { leases, ledger } = persistence;
      for (const held of [42, "42"] as string[]) {
        await leases.hold(held, async () => {
          for (const thread of [42, "42"] as string[]) {
            expect(leases.tokenOf(thread)).toBeDefined();
            const effect = { key: `${typeof held} ${typeof thread}`, thread, name: "pay", args: null };
            expect(await ledger.claim(effect)).toEqual({ status: "run", attempt: 1 });
            const key = `${effect.key} within`;
            expect(await ledger.transact({ ...effect, key }, async () => "paid")).toBe("paid");
            const step = { saga: effect.key, name: "pay", effect: key, undo: "refund", args: null };
            expect(await ledger.register(thread, step)).toBe("open");
            await ledger.settle(thread, step.saga, step.name, "undone");
            expect(await thrown(another().hold(thread, async () => {}))).toSatisfy(isLeaseHeldError);
          }
        });
      }
      expect(await ledger.entries(42 as unknown as string)).toEqual(await ledger.entries("42"));
      expect(await ledger.entries("42")).toHaveLength(8);
      await expect(leases.hold(undefined as never, async () => {})).rejects.toThrow(TypeError);
    });

    test("whoever works on another thread", async () => {
      await another().hold("t", () => persistence.ledger.claim(effect("u")));
    });
  });

  /** What is refused must leave no trace: no claim, no attempt counted, no body run. */
  async function expectRefused(is: (error: unknown) => boolean, before = 0): Promise<void> {
    expect(await thrown(claim())).toSatisfy(is);
    let ran = false;
    const refused = transact(() => {
      ran = true;
    });
    expect(await thrown(refused)).toSatisfy(is);
    expect(ran).toBe(false);
    const entries = await persistence.ledger.entries("t");
    expect(entries.map(({ status, attempts }) => [status, attempts])).toEqual(
      before === 0 ? [] : [["claimed", before]],
    );
  }

  describe("keeps out", () => {
    test("who holds none, while another one does", () =>
      another().hold("t", () => expectRefused(isLeaseHeldError)));

    test("whose lease another one has taken", async () => {
      const run = persistence.leases.hold("t", async (signal) => {
        await claim();
        await sql("token = token + 1000");
        await expectRefused(isLeaseLostError, 1);
        signal.throwIfAborted();
      });
      expect(await thrown(run)).toSatisfy(isLeaseLostError);
    });

    test("whose lease has expired, though nobody has taken it", async () => {
      const run = persistence.leases.hold("t", async (signal) => {
        await sql("expires_at = clock_timestamp()");
        await expectRefused(isLeaseLostError);
        signal.throwIfAborted();
      });
      expect(await thrown(run)).toSatisfy(isLeaseLostError);
    });

    test("whose lease is gone with its row", async () => {
      await persistence.leases.hold("t", async () => {
        await persistence.pool.query(`DELETE FROM "${persistence.schema}".leases`);
        await expectRefused(isLeaseLostError);
      });
    });

    test("what outlives a run that lost its lease, after the next holder has gone too", async () => {
      await persistence.leases.hold("t", async () => {
        await sql("expires_at = clock_timestamp()");
        await another().hold("t", async () => {});
        await thrown(claim());
      });
      await expectRefused(isLeaseLostError);
      expect(await persistence.leases.hold("t", claim)).toEqual({ status: "run", attempt: 1 });
    });
  });

  test("what an effect came to is recorded, whoever runs the thread by then", async () => {
    await persistence.leases.hold("t", async () => {
      await claim();
      await sql("expires_at = clock_timestamp()");
      expect(await persistence.ledger.record("t|pay", "paid")).toBe("paid");
    });
    expect(await claim()).toEqual({ status: "done", result: "paid" });
  });

  test("whoever does not run the thread changes nothing of its saga", async () => {
    const { leases, ledger, pool, schema } = persistence;
    const step = { saga: "s", name: "pay", effect: "t|pay", undo: "refund", args: { amount: 10 } };
    await leases.hold("t", () => ledger.register("t", step));
    const before = await ledger.steps("s");
    await another().hold("t", async () => {
      const changes = [
        () => ledger.register("t", { ...step, args: { amount: 99 } }),
        () => ledger.register("t", { ...step, name: "ship", effect: "t|ship" }),
        () => ledger.settle("t", "s", "pay", "stuck", "the bank is gone"),
      ];
      for (const change of changes) expect(await thrown(change())).toSatisfy(isLeaseHeldError);
    });
    expect(await ledger.steps("s")).toEqual(before);
    await pool.query(`UPDATE "${schema}".leases SET expires_at = clock_timestamp()`);
    await ledger.settle("t", "s", "pay", "undone");
    expect(await ledger.steps("s")).toMatchObject([{ status: "undone" }]);
  });

  describe("a run whose claim is refused", () => {
    const State = z.object({ ...faultChannels });

    /** `pay` pays, `ship` finds the thread taken by another process. Both may be compensated, and are retried. */
    function shipping() {
      const ran: string[] = [];
      const { once } = effects(persistence.ledger);
      const routed = errorRoutes({ compensable: "compensate", unexpected: "bubble_up", baseMs: 1 });
      const graph = new StateGraph(State)
        .addNode(
          "pay",
          guarded(async (_: object, runtime: LangGraphRunnableConfig) => {
            await once(runtime, "pay", null, async () => ran.push("paid"));
            return {};
          }),
          routed(),
        )
        .addNode(
          "ship",
          guarded(async (_: object, runtime: LangGraphRunnableConfig) => {
            ran.push("tried to ship");
            await sql("token = token + 1000");
            await once(runtime, "ship", null, async () => ran.push("shipped"));
            return {};
          }),
          routed(),
        )
        .addNode("compensate", async () => {
          ran.push("compensated");
          return {};
        })
        .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["pay", "ship"] })
        .addEdge("__start__", "pay")
        .addEdge("pay", "ship")
        .compile({ checkpointer: persistence.saver });
      return { graph, ran };
    }

    test("ends, without a retry, a route or a compensation", async () => {
      const { graph, ran } = shipping();
      const config = { configurable: { thread_id: "t" }, durability: "sync" as const };
      const run = persistence.leases.hold("t", (signal) => graph.invoke({}, { ...config, signal }));
      expect(await thrown(run)).toSatisfy(isLeaseLostError);
      expect(ran).toEqual(["paid", "tried to ship"]);
      const { next, values } = await graph.getState(config);
      expect(next).toEqual(["ship"]);
      expect(values.faults).toEqual([]);
    });

    test("also when nothing hands it the lease's signal", async () => {
      const { graph, ran } = shipping();
      const config = { configurable: { thread_id: "t" }, durability: "sync" as const };
      const run = persistence.leases.hold("t", () => graph.invoke({}, config));
      expect(await thrown(run)).toSatisfy(isLeaseLostError);
      expect(ran).toEqual(["paid", "tried to ship"]);
    });
  });
});

eachEngine("the fence before checkpoints", (open) => {
  test("a node that ends after its thread was taken leaves no write and no checkpoint; held anew, it runs again", async () => {
    const { leases, saver, pool, schema } = await open();
    let visits = 0;
    const graph = new StateGraph(z.object({ n: z.number().default(0) }))
      .addNode("first", () => ({ n: 1 }))
      .addNode("second", async ({ n }) => {
        visits += 1;
        if (visits === 1) await pool.query(`UPDATE "${schema}".leases SET token = token + 1000`);
        return { n: n + 1 };
      })
      .addEdge("__start__", "first")
      .addEdge("first", "second")
      .compile({ checkpointer: saver });
    const config = { configurable: { thread_id: "t" }, durability: "sync" as const };
    const count = async (table: string) => (await pool.query(`SELECT FROM "${schema}".${table}`)).rowCount;

    const run = leases.hold("t", () => graph.invoke({}, config));
    expect(await thrown(run)).toSatisfy(isLeaseLostError);
    const after = await graph.getState(config);
    expect(after.next).toEqual(["second"]);
    expect(after.values).toEqual({ n: 1 });
    const rows = [await count("checkpoints"), await count("checkpoint_writes")];

    // Nor does an edit by hand, while another process runs the thread.
    const other = createLeases(pool, schema, 30_000);
    await pool.query(`UPDATE "${schema}".leases SET expires_at = clock_timestamp()`);
    await other.hold("t", async () => {
      expect(await thrown(graph.updateState(config, { n: 7 }))).toBeInstanceOf(Error);
    });
    expect([await count("checkpoints"), await count("checkpoint_writes")]).toEqual(rows);

    expect(await leases.hold("t", () => graph.invoke(null, config))).toEqual({ n: 2 });
    expect(visits).toBe(2);
  });
});

eachEngine("a thread", (open) => {
  test("is not deleted while another process runs it; deleted, it begins anew with its effects", async () => {
    const { leases, ledger, saver, pool, schema } = await open();
    const { once } = effects(ledger);
    const saga = createSaga(ledger, { refund: { run: async () => {} } });
    let made = 0;
    const graph = new StateGraph(z.object({ paid: z.number().optional() }))
      .addNode("pay", async (_: object, runtime: LangGraphRunnableConfig) => {
        await once(runtime, "mail", null, async () => ++made);
        const step = { saga: "case 1", name: "pay", args: null, undo: "refund" };
        return { paid: await saga.step(runtime, step, async () => ++made) };
      })
      .addEdge("__start__", "pay")
      .compile({ checkpointer: saver });
    const config = { configurable: { thread_id: "t" }, durability: "sync" as const };
    const run = () => leases.hold("t", () => graph.invoke({}, config));
    expect(await run()).toEqual({ paid: 2 });

    await createLeases(pool, schema, 30_000).hold("t", async () => {
      expect(await thrown(saver.deleteThread("t"))).toSatisfy(isLeaseHeldError);
    });
    expect((await graph.getState(config)).values).toEqual({ paid: 2 });
    expect(await ledger.entries("t")).toHaveLength(2);

    await saver.deleteThread("t");
    expect(await saver.getTuple(config)).toBeUndefined();
    expect([await ledger.entries("t"), await ledger.steps("case 1")]).toEqual([[], []]);
    expect(await run()).toEqual({ paid: 4 });

    // Who runs it may begin it anew, and runs it still.
    await leases.hold("t", async () => {
      await saver.deleteThread("t");
      expect(await graph.invoke({}, config)).toEqual({ paid: 6 });
    });
  });
});

describePostgres("a lease that changes hands", (url) => {
  const schema = freshSchema();

  test("waits for the transaction of its holder, and a renewal does not", async () => {
    const options = { databaseUrl: url, schema, leaseMs: 600 };
    const [one, other] = await Promise.all([openPersistence(options), openPersistence(options)]);
    const order: string[] = [];
    let second: Promise<unknown> | undefined;
    const first = one.leases.hold("t", (signal) =>
      one.ledger.transact({ key: "k", thread: "t", name: "pay", args: null }, async (tx) => {
        await tx.query("SELECT pg_sleep(1.8)"); // Three lives of the lease.
        signal.throwIfAborted();
        await runSql(url, `UPDATE "${schema}".leases SET expires_at = clock_timestamp()`);
        second = other.leases.hold("t", async () => order.push("taken"));
        await tx.query("SELECT pg_sleep(0.5)");
        order.push("committed");
        return null;
      }),
    );
    await first;
    await second;
    expect(order).toEqual(["committed", "taken"]);
    await Promise.all([one.close(), other.close()]);
    await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);
  });

  /** Two processes, of which the first runs `t`; `expire` ends its lease without a word to it. */
  async function twoProcesses() {
    const options = { databaseUrl: url, schema: freshSchema(), leaseMs: 600 };
    const [one, other] = await Promise.all([openPersistence(options), openPersistence(options)]);
    onTestFinished(async () => {
      await Promise.all([one.close(), other.close()]);
      await runSql(url, `DROP SCHEMA "${options.schema}" CASCADE`);
    });
    const leases = `"${options.schema}".leases`;
    const expire = () => runSql(url, `UPDATE ${leases} SET expires_at = clock_timestamp()`);
    return { one, other, leases, expire };
  }

  test("does not wait for ever for a holder that is frozen in the ledger's transaction, whose effect is rolled back", async () => {
    const { one, other, expire } = await twoProcesses();
    let taken: unknown;
    const first = one.leases.hold("t", () =>
      one.ledger.transact({ key: "k", thread: "t", name: "pay", args: null }, async () => {
        await expire();
        taken = await other.leases.hold("t", async () => "taken"); // Without a statement meanwhile.
        return "paid";
      }),
    );
    expect(await thrown(first)).toBeInstanceOf(Error);
    expect(taken).toBe("taken");
    expect(await one.ledger.entries("t")).toEqual([]);
  });

  test("is refused by name when some other transaction on the thread does not end", async () => {
    const { one, other, leases, expire } = await twoProcesses();
    await one.leases.hold("t", async () => {});
    await expire();
    const frozen = await one.pool.connect();
    await frozen.query(`BEGIN; SELECT FROM ${leases} FOR KEY SHARE`);
    const error = await thrown(other.leases.hold("t", async () => {}));
    await frozen.query("ROLLBACK");
    frozen.release();
    expect(error).toSatisfy(isLeaseHeldError);
    expect(String(error)).toContain(`by process ${process.pid} on host `);
    expect(await other.leases.hold("t", async () => "taken")).toBe("taken");
  });
});
