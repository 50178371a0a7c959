/** What was open when its persistence was closed, and who asks it afterwards, is told so, with the thread. */
import { Annotation, END, START, StateGraph } from "@langchain/langgraph";
import { beforeEach, expect, test } from "vitest";
import { openPersistence, type Persistence } from "#checkpoints/index.ts";
import { describePostgres, freshSchema, runSql } from "../support/database.ts";

const thrown = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

describePostgres("a persistence that was closed", (url) => {
  let persistence: Persistence;
  beforeEach(async () => {
    persistence = await openPersistence({ databaseUrl: url, schema: freshSchema() });
    return () => runSql(url, `DROP SCHEMA "${persistence.schema}" CASCADE`);
  });

  /** One node, inside which the persistence is closed. */
  const graph = () =>
    new StateGraph(Annotation.Root({ n: Annotation<number> }))
      .addNode("close", async ({ n }) => {
        await persistence.close();
        return { n: n + 1 };
      })
      .addEdge(START, "close")
      .addEdge("close", END)
      .compile({ checkpointer: persistence.saver });
  const config = { configurable: { thread_id: "ticket 7" }, durability: "sync" as const };

  const told = {
    name: "PersistenceError",
    thread: "ticket 7",
    message: expect.stringMatching(
      /^Thread ticket 7: .*, because this process has closed its persistence\. Open it again; then go on/,
    ),
  };

  test("tells the run that held a thread that it was closed, not that a renewal came late", async () => {
    const run = persistence.leases.hold("ticket 7", () => graph().invoke({ n: 0 }, config));
    expect(await thrown(run)).toMatchObject({
      name: "LeaseLostError",
      message: expect.stringMatching(
        /^The lease on thread ticket 7 was given up: this process \(\d+\) closed its persistence while the thread ran\./,
      ),
    });
  });

  test("tells the run that held none", async () => {
    expect(await thrown(graph().invoke({ n: 0 }, config))).toMatchObject(told);
  });

  test("tells whoever comes later, and lets nothing run", async () => {
    const { leases, saver, ledger, close } = persistence;
    await close();
    let ran = false;
    const run = async () => {
      ran = true;
      return null;
    };
    const effect = { key: "k", thread: "ticket 7", name: "pay", args: null };
    for (const late of [
      leases.hold("ticket 7", run),
      saver.getTuple(config),
      saver.deleteThread("ticket 7"),
      ledger.claim(effect),
      ledger.transact(effect, run),
      ledger.entries("ticket 7"),
    ]) {
      expect(await thrown(late)).toMatchObject(told);
    }
    expect(ran).toBe(false);
  });

  test("lets no run begin whose lease was being taken", async () => {
    const { leases, close } = persistence;
    let ran = false;
    const late = leases.hold("ticket 7", async () => {
      ran = true;
    });
    const [error] = await Promise.all([thrown(late), close()]);
    expect(error).toMatchObject(told);
    expect(ran).toBe(false);
    const next = await openPersistence({ databaseUrl: url, schema: persistence.schema });
    expect(await next.leases.hold("ticket 7", async () => "free")).toBe("free");
    await next.close();
  });
});
