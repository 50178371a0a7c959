import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { openPersistence, type Persistence } from "#checkpoints/index.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { describePostgres, freshSchema, runSql } from "../support/database.ts";
import { startProxy } from "../support/proxy.ts";

const State = Annotation.Root({ n: Annotation<number> });
const thread = { configurable: { thread_id: "1" }, durability: "sync" as const, recursionLimit: 100 };

/** Gives the pool's connections a name of their own, by which the server can be asked for them. */
const nameConnections = (url: string, name: string) => {
  const named = new URL(url);
  named.searchParams.set("application_name", name);
  return named.href;
};

// That the process lives needs no assertion: vitest fails a run in which an error event had no listener.
describePostgres("a connection lost", (url) => {
  let admin: pg.Client;
  let persistence: Persistence;
  let lost: Error[];

  beforeAll(async () => {
    admin = new pg.Client({ connectionString: url });
    await admin.connect();
  });
  afterAll(() => admin.end());

  beforeEach(async () => {
    lost = [];
    const schema = freshSchema();
    persistence = await openPersistence({
      databaseUrl: nameConnections(url, schema),
      schema,
      onConnectionLost: (error) => lost.push(error),
    });
    return async () => {
      await persistence.close();
      await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);
    };
  });

  /** Ends the server's side of every connection of our pool; resolves once each end has been noticed. */
  async function terminate(): Promise<void> {
    const before = lost.length;
    const { rows } = await admin.query<{ pid: number }>(
      "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1",
      [persistence.schema],
    );
    expect(rows.length).toBeGreaterThan(0);
    await vi.waitFor(() => expect(lost.length - before).toBe(rows.length), 10_000);
  }

  /** Counts to ten, one superstep each; `atFive` happens inside the fifth. */
  function counter(atFive: () => Promise<unknown>, checkpointer = persistence.saver) {
    const ran: number[] = [];
    const graph = new StateGraph(State)
      .addNode("count", async ({ n }) => {
        if (n === 5) await atFive();
        ran.push(n);
        return { n: n + 1 };
      })
      .addEdge(START, "count")
      .addConditionalEdges("count", ({ n }) => (n < 10 ? "count" : END))
      .compile({ checkpointer });
    return { graph, ran };
  }

  test("between two writes: the run goes on over new connections", async () => {
    const { graph, ran } = counter(terminate);
    await graph.invoke({ n: 0 }, thread);
    expect(ran).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("under a write in flight: the write is sent again, and the run goes on", async () => {
    const locker = new pg.Client({ connectionString: url });
    await locker.connect();
    let cut: Promise<void> | undefined;
    const { graph, ran } = counter(async () => {
      if (cut !== undefined) return;
      // Holds the superstep's writes at the server until their connection has been cut.
      await locker.query(
        `BEGIN; LOCK TABLE "${persistence.schema}".checkpoint_writes, "${persistence.schema}".checkpoints`,
      );
      cut = (async () => {
        const blocked = `SELECT FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`;
        while ((await admin.query(blocked, [persistence.schema])).rowCount === 0);
        const cutOff = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1";
        expect((await admin.query(cutOff, [persistence.schema])).rowCount).toBeGreaterThan(0);
        await locker.end();
      })();
    });

    expect(await graph.invoke({ n: 0 }, thread)).toEqual({ n: 10 });
    await cut;
    expect(ran).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const counts: unknown[] = [];
    for await (const { values } of graph.getStateHistory(thread)) counts.push(values.n);
    expect(counts).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, undefined]);
  });

  test("for longer than its patience: the run rejects, and null resumes it with no superstep missing", async () => {
    const proxy = await startProxy(url);
    const behind = await openPersistence({ databaseUrl: proxy.url, schema: persistence.schema });
    const saver = new FaultlineSaver(behind.pool, undefined, { schema: persistence.schema, patienceMs: 300 });
    let cut = false;
    const { graph, ran } = counter(async () => {
      if (!cut) await proxy.cut();
      cut = true;
    }, saver);

    await expect(graph.invoke({ n: 0 }, thread)).rejects.toThrow(/ECONNREFUSED|terminated/);
    expect(ran).toEqual([0, 1, 2, 3, 4, 5]);

    await proxy.mend();
    expect(await graph.invoke(null, thread)).toEqual({ n: 10 });
    expect(ran).toEqual([0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9]);
    await behind.close();
    await proxy.close();
  });

  test("while nobody uses it: the pool forgets it", async () => {
    await persistence.pool.query(`SELECT 1 FROM "${persistence.schema}".checkpoints`);
    await terminate();
    expect((await persistence.pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  test("while a client is checked out: its query rejects, and others are served", async () => {
    const client = await persistence.pool.connect();
    const sleeping = client.query("SELECT pg_sleep(60)");
    const outcome = expect(sleeping).rejects.toThrow("terminating connection due to administrator command");
    await terminate();
    await outcome;
    client.release();
    expect((await persistence.pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  test("while a client is checked out and does nothing: it reports its end twice, and both are heard", async () => {
    const client = await persistence.pool.connect();
    const ended = new Promise((resolve) => client.once("end", resolve));
    await client.query("BEGIN");
    await terminate();
    await ended;
    await expect(client.query("COMMIT")).rejects.toThrow();
    client.release();
    expect((await persistence.pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });
});
