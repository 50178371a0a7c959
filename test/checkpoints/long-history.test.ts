/** `list` over a thread that is longer than what is read at once. */
import { emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { parseKeys } from "#checkpoints/encryption.ts";
import type { Persistence } from "#checkpoints/index.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { eachEngine } from "../support/database.ts";

const length = 250;
/** Oldest first. */
const ids = Array.from({ length }, (_, i) => uuid6(i));
const newestFirst = ids.toReversed();

async function fill(saver: FaultlineSaver, places: readonly [thread: string, namespace: string][]) {
  const puts = places.flatMap(([thread_id, checkpoint_ns]) =>
    ids.map((id, step) =>
      saver.put(
        { configurable: { thread_id, checkpoint_ns } },
        { ...emptyCheckpoint(), id, channel_values: { x: step }, channel_versions: { x: step } },
        { source: step % 2 === 0 ? "loop" : "update", step, parents: {}, third: step % 3 === 0 } as never,
        { x: step },
      ),
    ),
  );
  await Promise.all(puts);
}

async function idsOf(listed: ReturnType<FaultlineSaver["list"]>): Promise<string[]> {
  const found: string[] = [];
  for await (const { checkpoint } of listed) found.push(checkpoint.id);
  return found;
}

const on = (thread_id: string, checkpoint_id?: string) => ({ configurable: { thread_id, checkpoint_id } });
const every = (n: number) => newestFirst.filter((_, i) => (length - 1 - i) % n === 0);

eachEngine("a long history", (open) => {
  let tables: Persistence;
  let saver: FaultlineSaver;
  beforeEach(async () => {
    tables = await open();
    saver = new FaultlineSaver(tables.pool, undefined, { schema: tables.schema });
  });

  test("gives its first checkpoint before all are read", async () => {
    await fill(saver, [["t", ""]]);
    const query = vi.spyOn(tables.pool, "query");
    for await (const { checkpoint } of saver.list(on("t"))) {
      expect(checkpoint.id).toBe(ids.at(-1));
      break;
    }
    const answers = await Promise.all(query.mock.results.map(({ value }) => value as { rowCount: number }));
    query.mockRestore();
    expect(answers.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBeLessThan(2 * length);
    expect(answers.every(({ rowCount }) => rowCount <= 200)).toBe(true);
  });

  describe.each([
    ["legible", undefined],
    ["sealed", parseKeys(Buffer.alloc(32, 1).toString("base64"))],
  ])("%s", (_, keys) => {
    test("is listed whole and in order, by any filter, start and limit", async () => {
      const { pool, schema } = tables;
      saver = new FaultlineSaver(pool, undefined, { schema, keys });
      await fill(saver, [
        ["t", ""],
        ["other", ""],
      ]);
      expect(await idsOf(saver.list(on("t")))).toEqual(newestFirst);
      for (const limit of [0, 1, 99, 100, 101, 200, length, length + 1])
        expect(await idsOf(saver.list(on("t"), { limit }))).toEqual(newestFirst.slice(0, limit));
      const before = on("t", ids[220]);
      expect(await idsOf(saver.list(on("t"), { before }))).toEqual(ids.slice(0, 220).reverse());
      expect(await idsOf(saver.list(on("t"), { before, limit: 150 }))).toEqual(ids.slice(70, 220).reverse());
      expect(await idsOf(saver.list(on("t"), { filter: { source: "loop" } }))).toEqual(every(2));
      expect(await idsOf(saver.list(on("t"), { filter: { third: true } }))).toEqual(every(3));
      expect(
        await idsOf(saver.list(on("t"), { filter: { third: true, source: "loop" }, limit: 30 })),
      ).toEqual(every(6).slice(0, 30));
    });
  });

  test("of threads and namespaces that share their ids is listed whole, each checkpoint once", async () => {
    await fill(saver, [
      ["a", ""],
      ["a", "child"],
      ["b", ""],
    ]);
    const places = new Set<string>();
    let count = 0;
    for await (const { config } of saver.list({})) {
      places.add(JSON.stringify(config.configurable));
      count += 1;
    }
    expect([places.size, count]).toEqual([3 * length, 3 * length]);
  });

  test("that grows and is pruned while it is read shows neither twice, nor what came or went", async () => {
    await fill(saver, [["t", ""]]);
    const found: string[] = [];
    for await (const { checkpoint } of saver.list(on("t"))) {
      found.push(checkpoint.id);
      if (found.length !== 50) continue;
      await saver.put(on("t"), { ...emptyCheckpoint(), id: uuid6(length) }, {} as never, {});
      await tables.pool.query(`DELETE FROM "${tables.schema}".checkpoints WHERE checkpoint_id = ANY ($1)`, [
        [...ids.slice(0, 20), ...ids.slice(140, 160), ids[220]],
      ]);
    }
    // The first hundred were read before.
    expect(found).toEqual([...ids.slice(20, 140), ...ids.slice(150)].reverse());
  });
});
