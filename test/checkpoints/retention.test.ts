import {
  Annotation,
  type BaseCheckpointSaver,
  Command,
  END,
  interrupt,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { expect, test, vi } from "vitest";
import { openPersistence, type Persistence, prune } from "#checkpoints/index.ts";
import { createLeases } from "#checkpoints/leases.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { tuplesOf } from "../spec/checkpointer/retention.ts";
import { historyOf } from "../spec/checkpointer/subject.ts";
import { startChild } from "../support/child-process.ts";
import { describePostgres, eachEngine, freshSchema, runSql } from "../support/database.ts";

const counting = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(
    Annotation.Root({
      n: Annotation<number>(),
      until: Annotation<number>(),
      log: Annotation<readonly string[], string>({
        reducer: (left, word) => [...left, word],
        default: () => [],
      }),
    }),
  )
    .addNode("count", ({ n = 0 }) => ({ n: n + 1, log: String(n).padStart(600, ".") }))
    .addEdge(START, "count")
    .addConditionalEdges("count", ({ n, until }) => (n < until ? "count" : END))
    .compile({ checkpointer });

const asking = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(Annotation.Root({ said: Annotation<string>() }))
    .addNode("ask", () => ({ said: interrupt("?") as string }))
    .addEdge(START, "ask")
    .compile({ checkpointer });

/** Turns until `n` is 0, and then runs a subgraph with a history of its own, which counts its runs. */
function turning(checkpointer: BaseCheckpointSaver) {
  const child = new StateGraph(Annotation.Root({ seen: Annotation<number>(), was: Annotation<number>() }))
    .addNode("see", ({ seen = 0 }) => ({ seen: seen + 1, was: seen }))
    .addEdge(START, "see")
    .compile({ checkpointer: true });
  return new StateGraph(Annotation.Root({ n: Annotation<number>(), was: Annotation<number>() }))
    .addNode("turn", ({ n }) => ({ n: n - 1 }))
    .addNode("child", child)
    .addEdge(START, "turn")
    .addConditionalEdges("turn", ({ n }) => (n > 0 ? "turn" : "child"))
    .addEdge("child", END)
    .compile({ checkpointer });
}

const on = (thread: string) => ({
  configurable: { thread_id: thread },
  durability: "sync" as const,
  recursionLimit: 1_000,
});

async function count({ saver }: Pick<Persistence, "saver">, thread: string, until = 5): Promise<void> {
  await counting(saver).invoke({ until }, on(thread));
}

async function rowsOf({ pool, schema }: Persistence, thread: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [table, column] of [
    ["checkpoints", "thread_id"],
    ["checkpoint_blobs", "thread_id"],
    ["checkpoint_writes", "thread_id"],
    ["effects", "thread"],
    ["leases", "thread"],
  ]) {
    const { rows } = await pool.query(`SELECT FROM "${schema}".${table} WHERE ${column} = $1`, [thread]);
    if (rows.length > 0) counts[String(table)] = rows.length;
  }
  return counts;
}

const later = new Date("2100-01-01");

eachEngine("retention", (open) => {
  test("a thread that another process runs is left alone", async () => {
    const persistence = await open();
    const { pool, schema } = persistence;
    await count(persistence, "run");
    await count(persistence, "idle");
    const before = await rowsOf(persistence, "run");
    await createLeases(pool, schema, 30_000).hold("run", async () => {
      for (const options of [{ keepLast: 1 }, { before: later }]) {
        expect(await prune(persistence, { ...options, thread: "run", dryRun: true })).toMatchObject([
          { thread: "run", left: "running", checkpoints: 0 },
        ]);
        expect((await prune(persistence, options)).find(({ thread }) => thread === "run")).toMatchObject({
          left: "running",
        });
      }
      expect(await rowsOf(persistence, "run")).toEqual({ ...before, leases: 1 });
    });
    expect(await prune(persistence, { keepLast: 1 })).toMatchObject([{ thread: "run", checkpoints: 6 }]);
  });

  test("a thread of before the date goes altogether, with what the ledger and the leases have of it", async () => {
    const persistence = await open();
    const { ledger, leases } = persistence;
    await leases.hold("old", () => count(persistence, "old"));
    const effect = { key: "old|pay", thread: "old", name: "pay", args: {} };
    const step = { saga: "old", name: "pay", effect: effect.key, undo: "refund", args: {} };
    await ledger.register("old", step);
    await ledger.claim(effect);
    await ledger.record(effect.key, "paid");
    const [newest] = await tuplesOf(persistence.saver, "old");
    const end = new Date(newest?.checkpoint.ts ?? "");
    expect(await prune(persistence, { before: end })).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await count(persistence, "young");
    const before = new Date(end.getTime() + 1);
    const young = await rowsOf(persistence, "young");
    const dry = await prune(persistence, { before, dryRun: true });
    expect(dry).toMatchObject([{ thread: "old", whole: true, checkpoints: 7 }]);
    expect(await prune(persistence, { before })).toEqual(dry);
    expect(await rowsOf(persistence, "old")).toEqual({});
    expect(await ledger.steps("old")).toEqual([]);
    expect(await rowsOf(persistence, "young")).toEqual(young);
    expect(await persistence.saver.getTuple(on("old"))).toBeUndefined();
  });

  test("a thread whose question waits for its answer does not grow too old", async () => {
    const persistence = await open();
    await asking(persistence.saver).invoke({}, on("waits"));
    expect(await prune(persistence, { before: later })).toMatchObject([
      { thread: "waits", left: "waiting", checkpoints: 0 },
    ]);
    const ended = await asking(persistence.saver).invoke(new Command({ resume: "yes" }), on("waits"));
    expect(ended.said).toBe("yes");
    expect(await prune(persistence, { before: later })).toMatchObject([{ thread: "waits", whole: true }]);
  });

  test("a thread with an effect of unknown outcome, or a step that is not taken back, does not grow too old", async () => {
    const persistence = await open();
    const { ledger } = persistence;
    for (const thread of ["unknown", "failing", "half", "stuck", "stands"]) {
      await count(persistence, thread);
      for (const name of ["pay", "book"]) {
        const effect = { key: `${thread}|${name}`, thread, name, args: {} };
        await ledger.register(thread, { saga: thread, name, effect: effect.key, undo: "undo", args: {} });
        await ledger.claim(effect);
        if (effect.key !== "unknown|pay") await ledger.record(effect.key, "done");
      }
    }
    await ledger.settle("failing", "failing", "pay", "open", "the shop is closed");
    await ledger.settle("half", "half", "book", "undone");
    await ledger.settle("stuck", "stuck", "pay", "stuck", "no such payment");
    for (const dryRun of [true, false]) {
      const pruned = await prune(persistence, { before: later, dryRun });
      expect(pruned.map(({ thread, left }) => [thread, left])).toEqual([
        ["failing", "waiting"],
        ["half", "waiting"],
        ["stands", undefined],
        ["stuck", "waiting"],
        ["unknown", "waiting"],
      ]);
    }
    expect((await rowsOf(persistence, "unknown")).effects).toBe(2);
    await ledger.record("unknown|pay", "paid");
    await ledger.settle("half", "half", "pay", "undone");
    const pruned = await prune(persistence, { before: later });
    expect(pruned.filter(({ whole }) => whole).map(({ thread }) => thread)).toEqual(["half", "unknown"]);
  });

  test("a damaged thread keeps what may mend it", async () => {
    const persistence = await open();
    const { pool, schema } = persistence;
    await count(persistence, "hurt");
    await pool.query(`UPDATE "${schema}".checkpoints SET metadata = '{}' WHERE thread_id = 'hurt'`);
    const before = await rowsOf(persistence, "hurt");
    expect(await prune(persistence, { keepLast: 1, before: later })).toMatchObject([
      { thread: "hurt", left: "damaged" },
    ]);
    expect(await rowsOf(persistence, "hurt")).toMatchObject(before);
  });

  test("a dry run says what goes and takes nothing", async () => {
    const persistence = await open();
    for (const thread of ["a", "b"]) await count(persistence, thread, 20);
    const before = [await rowsOf(persistence, "a"), await rowsOf(persistence, "b")];
    const dry = await prune(persistence, { keepLast: 2, dryRun: true });
    expect([await rowsOf(persistence, "a"), await rowsOf(persistence, "b")]).toEqual(before);
    expect(dry.every(({ bytes, blobs, writes }) => bytes > 0 && blobs > 0 && writes > 0)).toBe(true);
    expect(await prune(persistence, { keepLast: 2 })).toEqual(dry);
    const after = await rowsOf(persistence, "a");
    for (const [table, gone] of [
      ["checkpoints", dry[0]?.checkpoints],
      ["checkpoint_blobs", dry[0]?.blobs],
      ["checkpoint_writes", dry[0]?.writes],
    ] as const) {
      expect((before[0]?.[table] ?? 0) - (after[table] ?? 0)).toBe(gone);
    }
  });

  test("a thread that prunes itself as it runs stays small, and loses nothing of its list", async () => {
    const persistence = await open();
    const { pool, schema } = persistence;
    const fence = createLeases(pool, schema, 30_000);
    const saver = new FaultlineSaver(pool, undefined, { schema, fence, keepLast: 3 });
    const live = await fence.hold("long", () => counting(saver).invoke({ until: 450 }, on("long")));
    expect((await rowsOf(persistence, "long")).checkpoints).toBeLessThanOrEqual(103);
    expect((await counting(persistence.saver).getState(on("long"))).values).toEqual(live);
    expect(live.log).toHaveLength(450);
  });

  test.each(["in one process", "each in a process of its own", "after a look at an older checkpoint"])(
    "a thread whose runs store only their ends stays small too, %s",
    async (how) => {
      const persistence = await open();
      const { pool, schema } = persistence;
      const saverOf = () => new FaultlineSaver(pool, undefined, { schema, keepLast: 1 });
      const exit = { ...on("ends"), durability: "exit" as const };
      let graph = counting(saverOf());
      // Five steps a run: none stores a superstep whose number is a multiple of 100.
      for (let until = 3; until <= 180; until += 3) {
        if (how === "each in a process of its own") graph = counting(saverOf());
        const { config } = await graph.getState(exit);
        await graph.invoke({ until }, exit);
        if (how === "after a look at an older checkpoint" && until === 30) await graph.getState(config);
      }
      expect((await rowsOf(persistence, "ends")).checkpoints).toBeLessThanOrEqual(21);
      expect((await graph.getState(exit)).values.log).toHaveLength(180);
    },
  );

  test("what keeps a run from pruning itself does not end it, and is heard of with the thread's name", async () => {
    const { pool, schema } = await open();
    await pool.query(`
      CREATE FUNCTION "${schema}".refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no right' USING ERRCODE = '42501'; END $$;
      CREATE TRIGGER refuse BEFORE DELETE ON "${schema}".checkpoints
        FOR EACH ROW EXECUTE FUNCTION "${schema}".refuse();`);
    const warned = vi.spyOn(process, "emitWarning").mockReturnValue();
    const saver = new FaultlineSaver(pool, undefined, { schema, keepLast: 3 });
    const ended = await counting(saver).invoke({ until: 110 }, on("t"));
    expect(ended.n).toBe(110);
    expect(warned.mock.calls).toEqual([
      [expect.stringMatching(/^Thread t: .*no right.*tried again/), "RetentionWarning"],
    ]);
    warned.mockRestore();
    expect(await prune({ pool, schema }, { keepLast: 1 })).toMatchObject([
      { thread: "t", left: "failed", problem: expect.stringMatching(/^Thread t: .*no right/) },
    ]);
  });

  test("a run that began from an older checkpoint still finds there what its subgraph had, 100 supersteps later", async () => {
    const { pool, schema } = await open();
    const saver = new FaultlineSaver(pool, undefined, { schema, keepLast: 3 });
    const graph = turning(saver);
    for (let i = 0; i < 3; i++) await graph.invoke({ n: 1 }, on("t"));
    const second = (await historyOf(graph, on("t"))).filter(({ next }) => next.includes("child"))[1];
    const edit = await graph.updateState(second?.config ?? {}, { n: 210 }, "turn");
    const replayed = await graph.invoke(null, { ...on("t"), ...edit, recursionLimit: 1_000 });
    expect(replayed.was).toBe(1);
    // The next run prunes again.
    await graph.invoke({ n: 110 }, on("t"));
    expect((await historyOf(graph, on("t"))).length).toBeLessThan(110);
  });

  test.each([
    [{}],
    [{ keepLast: 0 }],
    [{ keepLast: 1.5 }],
    [{ keepLast: 2 ** 31 }],
    [{ before: new Date("soon") }],
  ])("%j is refused, and takes nothing", async (options) => {
    const persistence = await open();
    await count(persistence, "t");
    const before = await rowsOf(persistence, "t");
    await expect(prune(persistence, options)).rejects.toThrow(RangeError);
    expect(await rowsOf(persistence, "t")).toEqual(before);
    expect(() => new FaultlineSaver(persistence.pool, undefined, { keepLast: 0 })).toThrow(RangeError);
  });
});

describePostgres("retention on a server", (url) => {
  test.each(["never run", "run before"])(
    "no process begins a thread, %s, while it is pruned",
    async (before) => {
      const persistence = await openPersistence({ databaseUrl: url, schema: freshSchema() });
      const { pool, schema, leases } = persistence;
      await count(persistence, "t");
      if (before === "run before") await leases.hold("t", async () => {});
      const blocker = await pool.connect();
      await blocker.query("BEGIN");
      await blocker.query(`SELECT FROM "${schema}".checkpoints FOR UPDATE`);
      const pruned = prune(persistence, { keepLast: 1 });
      const waiting = async (sql: string) => {
        const { rows } = await pool.query(
          "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1",
          [`%${sql}%${schema}%`],
        );
        return rows.length > 0;
      };
      while (!(await waiting("doomed"))) await new Promise(setImmediate);
      const ran = leases.hold("t", async () => {
        const { rows } = await pool.query(`SELECT FROM "${schema}".checkpoints`);
        return rows.length;
      });
      while (!(await waiting("INSERT INTO"))) await new Promise(setImmediate);
      await blocker.query("COMMIT");
      blocker.release();
      await pruned;
      expect(await ran, "checkpoints that the run found").toBe(1);
      await persistence.close();
      await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);
    },
  );
});

describePostgres("retention that is killed", (url) => {
  test.each(["last", "all"])("leaves each thread whole: as it was, or pruned (%s)", async (which) => {
    const schema = freshSchema();
    const persistence = await openPersistence({ databaseUrl: url, schema });
    const threads = ["1", "2", "3"];
    for (const thread of threads) await count(persistence, thread, 20);
    const before = await rowsOf(persistence, "1");
    const live = await counting(persistence.saver).getState(on("1"));
    const child = (env: Record<string, string>) =>
      startChild("test/checkpoints/processes/prune.ts", [schema, which], {
        DATABASE_URL: url,
        NODE_ENV: "test",
        ...env,
      });
    const killed = child({ FAULTLINE_CRASH_POINT: "inside-retention@2" });
    expect([await killed.ended, killed.output()]).toEqual([null, ""]);
    const gone = which === "all" ? {} : { checkpoints: 1, leases: 1 };
    const rows = await Promise.all(threads.map((thread) => rowsOf(persistence, thread)));
    expect(rows[0]).toMatchObject(gone);
    expect(rows.slice(1)).toEqual([before, before]);
    if (which === "last")
      expect(await counting(persistence.saver).getState(on("1"))).toMatchObject({ values: live.values });
    const again = child({});
    expect([await again.ended, again.output()]).toEqual([0, "pruned\n"]);
    for (const thread of threads) expect(await rowsOf(persistence, thread)).toMatchObject(gone);
    await persistence.close();
    await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);
  });
});
