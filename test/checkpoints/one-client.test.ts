/** PGlite has one session. What a pool of one over it must still do. */
import { Annotation, END, Send, START, StateGraph } from "@langchain/langgraph";
import { beforeEach, expect, test } from "vitest";
import { embeddedEngine } from "#checkpoints/embedded-engine.ts";
import type { Persistence } from "#checkpoints/index.ts";
import { persistenceOn } from "#checkpoints/persistence.ts";
import { eachEngine, freshSchema } from "../support/database.ts";
import { openPglite } from "../support/pglite-image.ts";

const State = Annotation.Root({
  sum: Annotation<number>({ reducer: (left, right) => left + right, default: () => 0 }),
});

eachEngine("a pool", (open) => {
  let persistence: Persistence;
  beforeEach(async () => {
    persistence = await open();
  });

  test("serves ten runs at once, each with five parallel branches", async () => {
    const graph = new StateGraph(State)
      .addNode("work", async () => {
        await persistence.pool.query("SELECT 1");
        return { sum: 1 };
      })
      .addConditionalEdges(START, () => Array.from({ length: 5 }, () => new Send("work", {})))
      .addEdge("work", END)
      .compile({ checkpointer: persistence.saver });
    const runs = Array.from({ length: 10 }, (_, index) =>
      graph.invoke({ sum: 0 }, { configurable: { thread_id: String(index) }, durability: "sync" }),
    );
    expect(await Promise.all(runs)).toEqual(runs.map(() => ({ sum: 5 })));
  });

  test("serves on after a refused statement, whoever queues behind it", async () => {
    const outcomes = Array.from({ length: 40 }, async (_, index) => {
      const refused = index % 3 === 0;
      const query = persistence.pool.query(refused ? "SELECT nonsense" : "SELECT 1 AS one");
      if (refused) await expect(query).rejects.toThrow('column "nonsense" does not exist');
      else expect((await query).rows).toEqual([{ one: 1 }]);
    });
    await Promise.all(outcomes);
  });

  test("keeps no transaction open that a dropped client was in", async () => {
    const { pool, schema } = persistence;
    await pool.query(`CREATE TABLE "${schema}".kept (n int)`);
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query(`INSERT INTO "${schema}".kept VALUES (1)`);
    client.release(new Error("dropped"));

    await pool.query(`INSERT INTO "${schema}".kept VALUES (2)`);
    await pool.query("ROLLBACK"); // Undoes 2 as well, if it landed in the dropped client's transaction.
    expect((await pool.query(`SELECT n FROM "${schema}".kept`)).rows).toEqual([{ n: 2 }]);
  });
});

test("closing answers those who still queue for the one client, then refuses", async () => {
  const engine = embeddedEngine(
    await openPglite(),
    () => {},
    async () => {},
  );
  const { pool, close } = await persistenceOn(engine, freshSchema());
  const queued = Array.from({ length: 20 }, (_, n) => pool.query("SELECT $1::int AS n", [n]));
  const closed = close();
  expect(close()).toBe(closed);
  const answers = await Promise.all(queued);
  await closed;
  expect(answers.map((answer) => answer.rows[0])).toEqual(queued.map((_, n) => ({ n })));
  await expect(pool.query("SELECT 1")).rejects.toThrow("closed its persistence: open it again");
});
