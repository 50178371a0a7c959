/**
 * Damage to what is stored: reading it is refused, with a word on the thread, and other threads go on.
 * `damageSpec(() => …)`.
 */
import {
  Annotation,
  type BaseCheckpointSaver,
  END,
  interrupt,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { emptyCheckpoint } from "@langchain/langgraph-checkpoint";
import { describe, expect, test } from "vitest";
import { historyOf } from "./subject.ts";

export interface Damageable {
  /** LangGraph's own on the same data. */
  readonly stock: BaseCheckpointSaver;
  again(): BaseCheckpointSaver;
  /** In `sql`, CHECKPOINTS, BLOBS and WRITES stand for the tables. @returns How many rows were touched. */
  damage(sql: string): Promise<number>;
}

const on = (thread: string) => ({ configurable: { thread_id: thread }, durability: "sync" as const });
const hurt = on("hurt");
const sound = on("sound");
/** Long enough that its list is stored by its ends. */
const begun = "in".padEnd(2_000, ".");

const State = Annotation.Root({
  log: Annotation<readonly string[], readonly string[]>({
    reducer: (left, right) => left.concat(right),
    default: () => [],
  }),
});

const graphOn = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(State)
    .addNode("a", () => ({ log: ["a"] }))
    .addNode("b", () => ({ log: ["b"] }))
    .addNode("beside", () => ({ log: ["beside"] }))
    .addNode("ask", () => ({ log: [`said ${interrupt("?")}`] }))
    .addEdge(START, "a")
    .addEdge("a", "b")
    .addEdge("b", "ask")
    .addEdge("b", "beside")
    .addEdge("ask", END)
    .compile({ checkpointer });

const newest = (table: string) =>
  `checkpoint_id = (SELECT max(checkpoint_id) FROM ${table} WHERE thread_id = 'hurt')`;
const row = `thread_id = 'hurt' AND ${newest("CHECKPOINTS")}`;
const appended = `thread_id = 'hurt' AND channel = 'log' AND base IS NOT NULL`;
const base = `thread_id = 'hurt' AND channel = 'log' AND octet_length(blob) > 1000 AND base IS NULL`;

const damages: Record<string, string> = {
  "a checkpoint cut down to {}": `UPDATE CHECKPOINTS SET checkpoint = '{}' WHERE ${row}`,
  "a checkpoint set to null": `UPDATE CHECKPOINTS SET checkpoint = 'null' WHERE ${row}`,
  "a checkpoint without channel_versions": `UPDATE CHECKPOINTS SET checkpoint = checkpoint - 'channel_versions' WHERE ${row}`,
  "a checkpoint without versions_seen": `UPDATE CHECKPOINTS SET checkpoint = checkpoint - 'versions_seen' WHERE ${row}`,
  "a checkpoint with one channel less": `UPDATE CHECKPOINTS SET checkpoint = checkpoint #- '{channel_versions,log}' WHERE ${row}`,
  "a checkpoint of a format to come": `UPDATE CHECKPOINTS SET checkpoint = jsonb_set(checkpoint, '{v}', '99') WHERE ${row}`,
  "metadata altered": `UPDATE CHECKPOINTS SET metadata = metadata || '{"step": 99}' WHERE ${row}`,
  "metadata emptied": `UPDATE CHECKPOINTS SET metadata = '{}' WHERE ${row}`,
  "a parent that is not there": `UPDATE CHECKPOINTS SET parent_checkpoint_id = 'x' WHERE ${row}`,
  "a parent altered": `UPDATE CHECKPOINTS SET parent_checkpoint_id = NULL WHERE ${row}`,
  "all checkpoints gone": "DELETE FROM CHECKPOINTS WHERE thread_id = 'hurt'",
  "all values gone": "DELETE FROM BLOBS WHERE thread_id = 'hurt'",
  "a value gone": `DELETE FROM BLOBS WHERE ${appended}`,
  "a value cut short": `UPDATE BLOBS SET blob = substr(blob, 1, octet_length(blob) / 2) WHERE ${base}`,
  "a value emptied": `UPDATE BLOBS SET blob = '' WHERE ${base}`,
  "a value altered in one letter": `UPDATE BLOBS SET blob = set_byte(blob, 5, 65) WHERE ${base}`,
  "a value marked as none": `UPDATE BLOBS SET type = 'empty' WHERE ${base}`,
  "an appended part altered": `UPDATE BLOBS SET blob = convert_to('["z"]', 'UTF8') WHERE ${appended}`,
  "an appended part that follows nothing": `UPDATE BLOBS SET base = NULL WHERE ${appended}`,
  "the beginning of an appended list gone": `DELETE FROM BLOBS WHERE ${base}`,
  "a pending write altered": `UPDATE WRITES SET blob = convert_to('["z"]', 'UTF8') WHERE ${row} AND channel = 'log'`,
  "a pending write cut short": `UPDATE WRITES SET blob = substr(blob, 1, 3) WHERE ${row} AND channel = 'log'`,
  "a pending write of another task": `UPDATE WRITES SET task_id = 'other' WHERE ${row} AND channel = 'log'`,
  "a pending write in another place of the order": `UPDATE WRITES SET task_path = 'a' WHERE ${row} AND channel = 'log'`,
  "a pending write of another channel": `UPDATE WRITES SET channel = 'other' WHERE ${row} AND channel = 'log'`,
};

/** What shows without a checksum. */
const shown: Record<string, string> = {
  "a checkpoint set to null": `UPDATE CHECKPOINTS SET checkpoint = 'null' WHERE ${row}`,
  "a checkpoint set to a list": `UPDATE CHECKPOINTS SET checkpoint = '[]' WHERE ${row}`,
  "metadata set to null": `UPDATE CHECKPOINTS SET metadata = 'null' WHERE ${row}`,
  "metadata set to a list": `UPDATE CHECKPOINTS SET metadata = '[]' WHERE ${row}`,
  "metadata set to a text": `UPDATE CHECKPOINTS SET metadata = '"x"' WHERE ${row}`,
  "channel_versions emptied": `UPDATE CHECKPOINTS SET checkpoint = jsonb_set(checkpoint, '{channel_versions}', '{}') WHERE ${row}`,
  "channel_versions set to a list": `UPDATE CHECKPOINTS SET checkpoint = jsonb_set(checkpoint, '{channel_versions}', '[]') WHERE ${row}`,
  "a channel's version set to null": `UPDATE CHECKPOINTS SET checkpoint = jsonb_set(checkpoint, '{channel_versions,log}', 'null') WHERE ${row}`,
  "a value marked as none": `UPDATE BLOBS SET type = 'empty' WHERE thread_id = 'hurt' AND channel = 'log'`,
};

/** By a change that changes nothing, which tells how many rows it touched. */
async function rowsOf(damage: Damageable["damage"], thread: string): Promise<number> {
  const touched = ["CHECKPOINTS", "BLOBS", "WRITES"].map((table) =>
    damage(`UPDATE ${table} SET thread_id = thread_id WHERE thread_id = '${thread}'`),
  );
  return (await Promise.all(touched)).reduce((sum, count) => sum + count, 0);
}

export function damageSpec(open: () => Promise<Damageable>): void {
  const written = Object.entries(damages).map(([what, sql]) => [what, "again", sql] as const);
  const old = Object.entries(shown).map(
    ([what, sql]) => [`${what}, in an old thread`, "stock", sql] as const,
  );

  describe("is refused on every way of reading, and leaves other threads alone:", () => {
    test.each([...written, ...old])("%s", async (_, by, sql) => {
      const { stock, again, damage } = await open();
      for (const config of [hurt, sound])
        await graphOn(by === "stock" ? stock : again()).invoke({ log: [begun] }, config);
      const whole = await graphOn(again()).getState(sound);
      expect(await damage(sql)).toBeGreaterThan(0);
      const stored = await rowsOf(damage, "hurt");
      const refusal = { name: "CheckpointDamagedError", message: expect.stringContaining("hurt") };
      const graph = graphOn(again());
      await expect.soft(again().getTuple(hurt)).rejects.toMatchObject(refusal);
      await expect.soft(graph.getState(hurt)).rejects.toMatchObject(refusal);
      await expect.soft(graph.invoke(null, hurt)).rejects.toMatchObject(refusal);
      await expect.soft(graph.invoke({ log: ["new"] }, hurt)).rejects.toMatchObject(refusal);
      await expect.soft(historyOf(graph, hurt)).rejects.toMatchObject(refusal);
      expect.soft(await rowsOf(damage, "hurt")).toBe(stored);
      expect.soft(await graphOn(again()).getState(sound)).toEqual(whole);
      await graphOn(again()).invoke({ log: ["more"] }, sound);
    });
  });

  test("a checkpoint that a later LangGraph wrote is refused by its format", async () => {
    const { again } = await open();
    await again().put(
      { configurable: { thread_id: "later", checkpoint_ns: "" } },
      { ...emptyCheckpoint(), v: 99 },
      { source: "loop", step: 0, parents: {} },
      {},
    );
    await expect(graphOn(again()).invoke({ log: [] }, on("later"))).rejects.toThrow(/later.*99.*Update/s);
  });

  test("a subgraph whose checkpoints are gone does not begin again", async () => {
    const { again, damage } = await open();
    const childOf = () => {
      const child = new StateGraph(State)
        .addNode("x", () => ({ log: ["x"] }))
        .addNode("ask", () => ({ log: [`said ${interrupt("?")}`] }))
        .addEdge(START, "x")
        .addEdge("x", "ask")
        .compile();
      return new StateGraph(State)
        .addNode("child", child)
        .addEdge(START, "child")
        .compile({ checkpointer: again() });
    };
    await childOf().invoke({ log: [begun] }, hurt);
    expect(
      await damage("DELETE FROM CHECKPOINTS WHERE thread_id = 'hurt' AND checkpoint_ns <> ''"),
    ).toBeGreaterThan(0);
    await expect(childOf().invoke(null, hurt)).rejects.toMatchObject({ name: "CheckpointDamagedError" });
  });
}
