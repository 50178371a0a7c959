import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Annotation, type BaseCheckpointSaver, END, START, StateGraph } from "@langchain/langgraph";
import { expect, onTestFinished, test } from "vitest";
import { openPersistence } from "#checkpoints/index.ts";
import { startChild } from "../../support/child-process.ts";
import { describePostgres, freshSchema, runSql } from "../../support/database.ts";

const counting = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(
    Annotation.Root({
      list: Annotation<readonly string[], string>({ reducer: (l, word) => [...l, word], default: () => [] }),
    }),
  )
    .addNode("count", () => ({ list: "x".repeat(600) }))
    .addEdge(START, "count")
    .addConditionalEdges("count", ({ list }) => (list.length % 10 === 0 ? END : "count"))
    .compile({ checkpointer });

const on = (thread: string) => ({ configurable: { thread_id: thread }, durability: "sync" as const });

test("housekeeping where there is no database makes none", async () => {
  const dir = await mkdtemp(join(tmpdir(), "checkpoints-"));
  onTestFinished(() => rm(dir, { recursive: true }));
  const dataDir = join(dir, "pg");
  await expect(openPersistence({ databaseUrl: "", dataDir, existing: true })).rejects.toThrow(
    /There is no embedded database in /,
  );
  expect(await readdir(dir)).toEqual([]);
});

describePostgres("npm run checkpoints", (url) => {
  async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
    const child = startChild("checkpoints/cli/main.ts", args, { DATABASE_URL: url });
    return { code: await child.ended, output: child.output() };
  }

  test("prunes as its dry run said, leaves a running thread, and leads back to the stock saver", async () => {
    const persistence = await openPersistence({ databaseUrl: url, schema: freshSchema() });
    const { schema, saver, leases } = persistence;
    const there = ["--schema", schema];
    for (const thread of ["one", "busy"]) await counting(saver).invoke({}, on(thread));
    const live = await counting(saver).getState(on("one"));

    const dry = await run("prune", "--keep", "2", "--dry-run", ...there);
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.output).toMatch(/one\b.*\b10\b/);
    expect(dry.output).toMatch(/Would take 20 checkpoints, .* of 2 threads.*dry run/s);
    await leases.hold("busy", async () => {
      const done = await run("prune", "--keep", "2", ...there);
      expect(done).toMatchObject({ code: 1 });
      expect(done.output).toMatch(/busy.*left: a process runs it/);
      expect(done.output).toMatch(/Took 10 checkpoints, .* of 1 thread:/);
      expect(await run("to-stock", "--thread", "busy", ...there)).toMatchObject({ code: 1 });
    });
    expect(await counting(saver).getState(on("one"))).toEqual(live);
    expect((await run("to-stock", ...there)).output).toMatch(/reads every thread/);
    const appended = await persistence.pool.query(
      `SELECT FROM "${schema}".checkpoint_blobs WHERE base IS NOT NULL`,
    );
    expect(appended.rows).toHaveLength(0);

    const nowhere = freshSchema();
    for (const [args, words] of [
      [["prune", "--keep", "1", "--thread", "nobody", ...there], "There is no thread nobody"],
      [["prune"], "give --keep N"],
      [
        ["prune", "--keep", "1", "--dry-run", "--schema", nowhere],
        `There are no checkpoints in schema ${nowhere}`,
      ],
      [["prune", "--keep", "1", "--schema", "No!"], "The schema name"],
    ] as const) {
      const refused = await run(...args);
      expect(refused).toMatchObject({ code: 2 });
      expect(refused.output.trim().split("\n").at(-1)).toContain(words);
      expect(refused.output).not.toContain("    at ");
    }
    const made = await persistence.pool.query("SELECT FROM pg_namespace WHERE nspname = $1", [nowhere]);
    expect(made.rows).toHaveLength(0);
    await persistence.close();
    await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);
  }, 120_000);
});
