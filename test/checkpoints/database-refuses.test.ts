/** A database that is there and does not do what it is asked: the run rejects with a word, and goes on once it is mended. */
import { randomBytes } from "node:crypto";
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { emptyCheckpoint } from "@langchain/langgraph-checkpoint";
import pg from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { surviveLostConnections } from "#checkpoints/engine.ts";
import { openPersistence } from "#checkpoints/index.ts";
import { postgresLedger } from "#checkpoints/ledger.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { classify } from "#src/faults/index.ts";
import { describePostgres, freshSchema, runSql } from "../support/database.ts";

const State = Annotation.Root({ n: Annotation<number>, log: Annotation<string> });
const thread = { configurable: { thread_id: "ticket 7" }, recursionLimit: 100 };

interface Trouble {
  readonly code: string;
  readonly says: RegExp;
  readonly begin: (role: string, schema: string) => string;
  readonly end: (role: string, schema: string) => string;
}

const reset = (setting: string) => (role: string) => `ALTER ROLE ${role} RESET ${setting}`;

const troubles: Record<string, Trouble> = {
  "a read-only database": {
    code: "25006",
    says: /read-only.*primary/,
    begin: (role) => `ALTER ROLE ${role} SET default_transaction_read_only = on`,
    end: reset("default_transaction_read_only"),
  },
  "a user that may not write": {
    code: "42501",
    says: /may not.*GRANT/,
    begin: (role, schema) => `REVOKE INSERT, UPDATE ON ALL TABLES IN SCHEMA ${schema} FROM ${role}`,
    end: (role, schema) => `GRANT INSERT, UPDATE ON ALL TABLES IN SCHEMA ${schema} TO ${role}`,
  },
  "no connection left": {
    code: "53300",
    says: /no connection left/,
    begin: (role) => `ALTER ROLE ${role} CONNECTION LIMIT 0`,
    end: (role) => `ALTER ROLE ${role} CONNECTION LIMIT -1`,
  },
  "a time limit that statements do not meet": {
    code: "57014",
    says: /statement_timeout/,
    begin: (role) => `ALTER ROLE ${role} SET statement_timeout = 1`,
    end: reset("statement_timeout"),
  },
};

describePostgres("refused by the database:", (url) => {
  const patienceMs = 400;
  let schema: string;
  let role: string;
  let pool: pg.Pool;
  let saver: FaultlineSaver;

  beforeEach(async () => {
    schema = freshSchema();
    role = `${schema}_user`;
    const password = randomBytes(12).toString("hex");
    await (await openPersistence({ databaseUrl: url, schema })).close();
    await runSql(
      url,
      `CREATE ROLE ${role} LOGIN PASSWORD '${password}'; GRANT USAGE ON SCHEMA ${schema} TO ${role};
       GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`,
    );
    const as = Object.assign(new URL(url), { username: role, password });
    pool = new pg.Pool({ connectionString: as.href });
    surviveLostConnections(pool, () => {});
    saver = new FaultlineSaver(pool, undefined, { schema, patienceMs });
    return async () => {
      await pool.end();
      await runSql(url, `DROP SCHEMA ${schema} CASCADE; DROP ROLE ${role}`);
    };
  });

  /** Settings count for connections to come, so those that there are have to go. */
  const change = (sql: string) =>
    runSql(url, `${sql}; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${role}'`);

  /** Counts to ten; `atFive` happens inside the fifth superstep, once. */
  function counter(atFive: () => Promise<void>) {
    const ran: number[] = [];
    let happened = false;
    const graph = new StateGraph(State)
      .addNode("count", async ({ n }) => {
        if (n === 5 && !happened) {
          happened = true;
          await atFive();
        }
        ran.push(n);
        return { n: n + 1, log: "x".repeat(100_000) };
      })
      .addEdge(START, "count")
      .addConditionalEdges("count", ({ n }) => (n < 10 ? "count" : END))
      .compile({ checkpointer: saver });
    return { graph, ran };
  }

  const word = ({ says, code }: Trouble) => ({
    name: "PersistenceError",
    thread: "ticket 7",
    message: expect.stringMatching(new RegExp(`^Thread ticket 7\\b.*${says.source}`)),
    cause: expect.objectContaining({ code }),
  });

  test.each(Object.entries(troubles))("%s, for longer than is waited", async (_, trouble) => {
    const { graph, ran } = counter(() => change(trouble.begin(role, schema)));
    const sync = { ...thread, durability: "sync" as const };
    await expect(graph.invoke({ n: 0, log: "" }, sync)).rejects.toMatchObject(word(trouble));
    expect(ran).toEqual([0, 1, 2, 3, 4, 5]);
    await change(trouble.end(role, schema));
    expect((await graph.invoke(null, sync)).n).toBe(10);
    expect(ran).toEqual([0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9]);
    const counts: unknown[] = [];
    for await (const { values } of graph.getStateHistory(thread)) counts.push(values.n);
    expect(counts).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, undefined]);
  });

  test.each(["async", "exit"] as const)("a run with durability %s rejects too", async (durability) => {
    const trouble = troubles["a user that may not write"] as Trouble;
    const { graph } = counter(() => change(trouble.begin(role, schema)));
    await expect(graph.invoke({ n: 0, log: "" }, { ...thread, durability })).rejects.toMatchObject(
      word(trouble),
    );
  });

  test("a database that is read-only for a moment, as in a failover, is waited for", async () => {
    const { begin, end } = troubles["a read-only database"] as Trouble;
    saver = new FaultlineSaver(pool, undefined, { schema, patienceMs: 20_000 });
    let over: Promise<void> | undefined;
    const { graph } = counter(async () => {
      await change(begin(role, schema));
      over = new Promise((resolve) => setTimeout(resolve, 500)).then(() => change(end(role, schema)));
    });
    expect((await graph.invoke({ n: 0, log: "" }, { ...thread, durability: "sync" })).n).toBe(10);
    await over;
  });

  test("a thread that cannot be read is not taken for a new one", async () => {
    await counter(async () => {}).graph.invoke({ n: 8, log: "" }, { ...thread, durability: "sync" });
    await change(`REVOKE SELECT ON ALL TABLES IN SCHEMA ${schema} FROM ${role}`);
    const { graph, ran } = counter(async () => {});
    const refusal = {
      name: "PersistenceError",
      message: expect.stringMatching(/^Thread ticket 7.*not.*read/),
    };
    await expect(graph.invoke({ n: 0, log: "" }, thread)).rejects.toMatchObject(refusal);
    await expect(graph.getState(thread)).rejects.toMatchObject(refusal);
    expect(ran).toEqual([]);
  });

  test("the threads beside one whose piece is refused are stored, without waiting for each", async () => {
    await runSql(url, `ALTER TABLE ${schema}.checkpoints ADD CHECK (thread_id <> 'refused')`);
    const put = (name: string) =>
      saver.put(
        { configurable: { thread_id: name, checkpoint_ns: "" } },
        emptyCheckpoint(),
        { source: "loop", step: 0, parents: {} },
        {},
      );
    const outcomes = await Promise.allSettled(["one", "refused", "two"].map(put));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await change(troubles["a read-only database"]?.begin(role, schema) ?? "");
    const began = performance.now();
    const many = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => put(`thread ${i}`)));
    expect(many.every(({ status }) => status === "rejected")).toBe(true);
    expect(performance.now() - began).toBeLessThan(6 * patienceMs);
  });

  test("a claim that is refused names its thread, and its fault is nothing that a retry mends", async () => {
    const fence = { tokenOf: () => undefined, refusal: () => new Error("fenced") };
    const ledger = postgresLedger(pool, schema, fence);
    await change(troubles["a user that may not write"]?.begin(role, schema) ?? "");
    const claim = { key: "k", thread: "ticket 7", name: "refund", args: {} };
    const error = await ledger.claim(claim).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "PersistenceError", thread: "ticket 7" });
    expect(classify(error)).toMatchObject({ category: "unexpected", code: "pg_42501" });
    let made = 0;
    const within = ledger.transact(claim, async () => ++made);
    await expect(within).rejects.toMatchObject({ name: "PersistenceError", thread: "ticket 7" });
    expect(made).toBe(0);
  });

  describe("an effect in the ledger's transaction", () => {
    const claim = { key: "k", thread: "ticket 7", name: "refund", args: {} };
    const ledger = () =>
      postgresLedger(pool, schema, { tokenOf: () => undefined, refusal: () => new Error("fenced") });
    const notSeen = {
      name: "PersistenceError",
      thread: "ticket 7",
      message: expect.stringMatching(
        /^Thread ticket 7: the transaction of the effect "refund" was not seen to commit: .*, because .*; then go on/,
      ),
    };

    test.each<[string, (tx: pg.PoolClient) => Promise<unknown>]>([
      ["whose record is refused", (tx) => tx.query("SET TRANSACTION READ ONLY")],
      [
        "whose connection is lost before its end",
        async (tx) => {
          const { rows } = await tx.query("SELECT pg_backend_pid() AS pid");
          const ended = new Promise((resolve) => tx.once("end", resolve));
          await runSql(url, `SELECT pg_terminate_backend(${rows[0].pid})`);
          await ended;
        },
      ],
      [
        "that may not commit",
        (tx) =>
          tx.query(
            `CREATE TEMP TABLE once (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO once VALUES (1), (1)`,
          ),
      ],
    ])("%s names its thread and leaves nothing", async (_, trouble) => {
      const made = ledger().transact(claim, async (tx) => {
        await trouble(tx);
        return "paid";
      });
      await expect(made).rejects.toMatchObject(notSeen);
      expect(await ledger().entries("ticket 7")).toEqual([]);
    });

    test("that gets no connection names its thread", async () => {
      await change(`ALTER ROLE ${role} CONNECTION LIMIT 0`);
      let ran = false;
      const made = ledger().transact(claim, async () => {
        ran = true;
        return "paid";
      });
      await expect(made).rejects.toMatchObject(notSeen);
      expect(ran).toBe(false);
    });

    test("that throws by itself throws what it threw, though that is of the database too", async () => {
      let thrown: unknown;
      const made = ledger().transact(claim, async (tx) => {
        await tx.query("SELECT nonsense").catch((error: unknown) => {
          thrown = error;
          throw error;
        });
        return "paid";
      });
      expect(await made.catch((error: unknown) => error)).toBe(thrown);
      expect(classify(thrown).code).toBe("pg_42703");
    });
  });

  test("a ledger that cannot be read says whose effects and whose steps it is about", async () => {
    const ledger = postgresLedger(pool, schema, {
      tokenOf: () => undefined,
      refusal: () => new Error("fenced"),
    });
    await change(`REVOKE SELECT ON ALL TABLES IN SCHEMA ${schema} FROM ${role}`);
    await expect(ledger.entries("ticket 7")).rejects.toMatchObject({
      name: "PersistenceError",
      message: expect.stringMatching(/^Thread ticket 7: its effects were not read, because .*GRANT/),
    });
    await expect(ledger.steps("case 9")).rejects.toMatchObject({
      name: "PersistenceError",
      message: expect.stringMatching(/case 9: the steps of its saga were not read, because .*GRANT/),
    });
  });
});
