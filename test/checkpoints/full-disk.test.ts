/** A disk that is full, for real: what was not stored is said, what could be is stored, and it goes on once there is room. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";
import { emptyCheckpoint } from "@langchain/langgraph-checkpoint";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openPersistence, type Persistence } from "#checkpoints/index.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { type EffectRuntime, effects } from "#src/recovery/index.ts";
import { openPglite } from "../support/pglite-image.ts";
import { startPostgresServer } from "../support/postgres-server.ts";
import { openSmallDisk, type SmallDisk } from "../support/small-disk.ts";

const disk = await openSmallDisk(256);
const server = disk && (await startPostgresServer({ folder: disk.folder, fsync: false }));
afterAll(async () => {
  await server?.stop();
  await disk?.remove();
});

const State = Annotation.Root({ n: Annotation<number>, log: Annotation<string> });
const on = (thread: string) => ({ configurable: { thread_id: thread }, recursionLimit: 100 });
/** More than fits into what is free in pages, and nothing that can be packed. */
const large = (bytes = 100_000) => randomBytes(bytes).toString("base64");
const word = (thread: string, what: RegExp) => ({
  name: "PersistenceError",
  thread,
  message: expect.stringMatching(new RegExp(`^Thread ${thread}: ${what.source}.*disk is full.*Free space`)),
  cause: expect.objectContaining({ code: "53100" }),
});

const why = disk === undefined ? " (skipped: no small disk can be mounted here)" : "";
const whyNoServer = why || (server === undefined ? " (skipped: no Postgres binaries found)" : "");

describe.skipIf(why)(`on a full disk, on pglite${why}`, () => {
  const dataDir = join(disk?.folder ?? "", "pglite");
  const open = () => openPersistence({ databaseUrl: "", dataDir });
  fullDisk(
    async () => {
      await (await openPglite(dataDir)).close();
      return open();
    },
    async (persistence) => {
      await persistence.close();
      return open();
    },
  );
});

describe.skipIf(whyNoServer)(`on a full disk, on postgres${whyNoServer}`, () => {
  fullDisk(
    () => openPersistence({ databaseUrl: server?.url ?? "" }),
    async (persistence) => {
      await server?.revive();
      return persistence;
    },
  );
});

/** @param revive - What mends an engine that had no room to log. */
function fullDisk(
  open: () => Promise<Persistence>,
  revive: (persistence: Persistence) => Promise<Persistence>,
): void {
  const { fill, free } = disk as SmallDisk;
  let persistence: Persistence;

  // Not in the first test: on a new installation this makes PGlite's image, and takes longer than a test may.
  beforeAll(async () => {
    persistence = await open();
    return () => persistence.close();
  }, 120_000);
  afterEach(() => free());

  const saverOf = ({ pool, schema }: Persistence, patienceMs: number) =>
    new FaultlineSaver(pool, undefined, { schema, patienceMs });

  /** Counts to ten; `atFive` happens inside the fifth superstep, once. */
  function counter(atFive: () => Promise<void>, checkpointer: BaseCheckpointSaver = persistence.saver) {
    const ran: number[] = [];
    const graph = new StateGraph(State)
      .addNode("count", async ({ n }) => {
        if (n === 5 && !ran.includes(5)) await atFive();
        ran.push(n);
        return { n: n + 1, log: large() };
      })
      .addEdge(START, "count")
      .addConditionalEdges("count", ({ n }) => (n < 10 ? "count" : END))
      .compile({ checkpointer });
    return { graph, ran };
  }

  async function expectWhole(graph: ReturnType<typeof counter>["graph"], thread: string): Promise<void> {
    const counts: unknown[] = [];
    for await (const { values } of graph.getStateHistory(on(thread))) counts.push(values.n);
    expect(counts).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, undefined]);
  }

  test("a run rejects at once, and null goes on with no superstep missing or doubled", async () => {
    // Were a full disk waited for, the test would run out of time.
    const { graph, ran } = counter(fill, saverOf(persistence, 600_000));
    const run = { ...on("a"), durability: "sync" as const };
    await expect(graph.invoke({ n: 0, log: "" }, run)).rejects.toMatchObject(
      word("a", /its checkpoint was not stored/),
    );
    expect(ran).toEqual([0, 1, 2, 3, 4, 5]);
    await free();
    expect((await graph.invoke(null, run)).n).toBe(10);
    expect(ran).toEqual([0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9]);
    await expectWhole(graph, "a");
  });

  // What is stored after a rejection is LangGraph's affair here: under async it does not wait for what is under way.
  test("a run with durability async rejects too, and comes to the same end", async () => {
    const { graph } = counter(fill);
    const run = { ...on("b"), durability: "async" as const };
    await expect(graph.invoke({ n: 0, log: "" }, run)).rejects.toMatchObject(
      word("b", /its checkpoint was not stored/),
    );
    await free();
    expect((await graph.invoke(null, run)).n).toBe(10);
    expect((await graph.getState(on("b"))).values.n).toBe(10);
  });

  test("of threads that are stored together, those that fit are", async () => {
    const { saver, pool, schema } = persistence;
    const put = (thread: string, value: string) =>
      saver.put(
        { configurable: { thread_id: thread, checkpoint_ns: "" } },
        { ...emptyCheckpoint(), channel_values: { value }, channel_versions: { value: 1 } },
        { source: "loop", step: 0, parents: {} },
        { value: 1 },
      );
    // Leaves room within the pages that there are.
    for (let i = 0; i < 100; i++) await put("gone", "small");
    await saver.deleteThread("gone");
    for (const table of ["checkpoints", "checkpoint_blobs"])
      await pool.query(`VACUUM (TRUNCATE FALSE) "${schema}".${table}`);
    await fill();
    const outcomes = await Promise.allSettled([
      put("c", "small"),
      put("d", large(2_000_000)),
      put("e", "small"),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await saver.getTuple(on("e")))?.checkpoint.channel_values).toEqual({ value: "small" });
  });

  /** A graph whose one node makes one effect; `around` says what happens before and within it. */
  function paying(args: string, around: { before?(): Promise<void>; within?(): Promise<void> }) {
    const made: string[] = [];
    const { once } = effects(persistence.ledger);
    const graph = new StateGraph(State)
      .addNode("pay", async (_, config) => {
        await around.before?.();
        const pay = async (key: string) => {
          made.push(key);
          await around.within?.();
          return args;
        };
        const reconcile = async (key: string) => (made.includes(key) ? { result: args } : undefined);
        await once(config as unknown as EffectRuntime, "pay", args, pay, { reconcile });
        return { n: 1 };
      })
      .addEdge(START, "pay")
      .compile({ checkpointer: persistence.saver });
    return { graph, made };
  }

  test("an effect that cannot be claimed is not made, and is made once there is room", async () => {
    let full = false;
    const before = async () => {
      if (!full) await fill();
      full = true;
    };
    const { graph, made } = paying(large(), { before });
    const run = { ...on("f"), durability: "sync" as const };
    await expect(graph.invoke({ n: 0 }, run)).rejects.toMatchObject(
      word("f", /the effect "pay" was not claimed, and is not made/),
    );
    expect(made).toHaveLength(0);
    await free();
    expect((await graph.invoke(null, run)).n).toBe(1);
    expect(made).toHaveLength(1);
  });

  test("an effect that was made and could not be recorded is asked after, not made again", async () => {
    const { graph, made } = paying(large(), { within: fill });
    const run = { ...on("g"), durability: "sync" as const };
    await expect(graph.invoke({ n: 0 }, run)).rejects.toMatchObject(
      word("g", /the outcome of an effect that was made was not recorded/),
    );
    expect(made).toHaveLength(1);
    await free();
    expect((await graph.invoke(null, run)).n).toBe(1);
    expect(made).toHaveLength(1);
  });

  test("a thread whose lease cannot be taken is not run", async () => {
    await fill();
    const ran = new Set<string>();
    const hold = (thread: string) => persistence.leases.hold(thread, async () => ran.add(thread));
    let refused: unknown;
    let thread = "";
    for (let i = 0; refused === undefined && i < 2_000; i++) {
      thread = `leased ${i}`;
      await hold(thread).catch((error: unknown) => {
        refused = error;
      });
    }
    expect(refused).toMatchObject(word(thread, /its lease was not taken, and nothing was run/));
    expect(ran.has(thread)).toBe(false);
    await free();
    await hold(thread);
    expect(ran.has(thread)).toBe(true);
  });

  test("a database that had no room to log is refused or away until it is revived", async () => {
    const flood =
      "SELECT pg_logical_emit_message(false, '', repeat('x', 900000)) FROM generate_series(1, 40)";
    const counting = (atFive: () => Promise<void>) => counter(atFive, saverOf(persistence, 500));
    const { graph, ran } = counting(async () => {
      await fill();
      await expect(persistence.pool.query(flood)).rejects.toThrow();
    });
    const run = { ...on("h"), durability: "sync" as const };
    await expect(graph.invoke({ n: 0, log: "" }, run)).rejects.toMatchObject({
      name: "PersistenceError",
      message: expect.stringMatching(
        /^Thread h: its checkpoint was not stored.*(stays away|restart this process)/,
      ),
    });
    expect(ran).toEqual([0, 1, 2, 3, 4, 5]);
    await free();
    persistence = await revive(persistence);
    const { graph: revived } = counting(async () => {});
    expect((await revived.invoke(null, run)).n).toBe(10);
    await expectWhole(revived, "h");
  }, 60_000);
}
