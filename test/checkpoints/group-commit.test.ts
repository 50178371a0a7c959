/** What many threads want stored at one moment, when it is more than goes into one statement. */
import { emptyCheckpoint, type SerializerProtocol } from "@langchain/langgraph-checkpoint";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isLeaseHeldError, type Persistence } from "#checkpoints/index.ts";
import { createLeases } from "#checkpoints/leases.ts";
import { isTransient } from "#checkpoints/patiently.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { eachEngine } from "../support/database.ts";

const megabytes = (count: number) => new Uint8Array(count * 2 ** 20);
const at = (thread: string, checkpoint_id?: string) => ({
  configurable: { thread_id: thread, checkpoint_ns: "", checkpoint_id },
});
const metadata = { source: "loop" as const, step: 0, parents: {} };

/** A checkpoint with one value. */
function put(saver: FaultlineSaver, thread: string, value: unknown, parent?: string) {
  const checkpoint = { ...emptyCheckpoint(), channel_values: { x: value }, channel_versions: { x: 1 } };
  return saver.put(at(thread, parent), checkpoint, metadata, { x: 1 });
}

const outcomesOf = async (works: Promise<unknown>[]) =>
  (await Promise.allSettled(works)).map((outcome) =>
    outcome.status === "fulfilled" ? "stored" : (outcome.reason as unknown),
  );

eachEngine("what is gathered at one moment", (open) => {
  let tables: Persistence;
  /** Of each batch that was sent, how many bytes of values it had. */
  const sent: number[] = [];
  /** What happens right after the first batch was answered. */
  let afterFirst: () => Promise<unknown> = async () => {};

  beforeEach(async () => {
    tables = await open();
    const query = tables.pool.query.bind(tables.pool) as (...given: unknown[]) => Promise<unknown>;
    vi.spyOn(tables.pool, "query").mockImplementation((async (...given: unknown[]) => {
      const [bytes] = (given[0] as { values?: unknown[] }).values ?? [];
      const first = bytes instanceof Uint8Array && sent.push(bytes.length) === 1;
      try {
        return await query(...given);
      } finally {
        if (first) await afterFirst();
      }
    }) as never);
  });
  afterEach(() => {
    sent.length = 0;
    afterFirst = async () => {};
    vi.restoreAllMocks();
  });

  const saverWith = (options: object = {}, serde?: SerializerProtocol) =>
    new FaultlineSaver(tables.pool, serde, { schema: tables.schema, patienceMs: 200, ...options });
  const storedThreads = async () => {
    const { pool, schema } = tables;
    const { rows } = await pool.query(`SELECT thread_id AS thread FROM "${schema}".checkpoints ORDER BY 1`);
    return rows.map(({ thread }) => thread as unknown);
  };

  test("and larger than a message may be is stored all the same, in several statements", async () => {
    const saver = saverWith();
    const threads = ["a", "b", "c"];
    const works = threads.map((thread) => put(saver, thread, megabytes(12)));
    expect(await outcomesOf(works)).toEqual(threads.map(() => "stored"));
    expect(sent.map((bytes) => Math.round(bytes / 2 ** 20))).toEqual([24, 12]);
    expect(await storedThreads()).toEqual(threads);
  });

  test("in several statements leaves no checkpoint after a refused write of its thread", async () => {
    const { pool, schema } = tables;
    await pool.query(`ALTER TABLE "${schema}".checkpoint_writes ADD CHECK (thread_id <> 'refused')`);
    const saver = saverWith();
    const works = [
      saver.putWrites(at("refused", "0"), [["x", megabytes(20)]], "task"),
      put(saver, "refused", megabytes(20), "0"),
      saver.putWrites(at("sound", "0"), [["x", "small"]], "task"),
      put(saver, "sound", "small", "0"),
    ];
    const refusal = expect.objectContaining({ name: "PersistenceError", thread: "refused" });
    expect(await outcomesOf(works)).toEqual([refusal, refusal, "stored", "stored"]);
    expect(await storedThreads()).toEqual(["sound"]);
  });

  test("in several statements leaves no checkpoint after a write that the fence refused", async () => {
    const { pool, schema } = tables;
    const saver = saverWith({ fence: createLeases(pool, schema, 30_000) });
    await createLeases(pool, schema, 30_000).hold("t", async () => {
      afterFirst = () => pool.query(`UPDATE "${schema}".leases SET expires_at = '-infinity'`);
      const works = [
        saver.putWrites(at("t", "0"), [["x", megabytes(20)]], "task"),
        put(saver, "t", megabytes(20), "0"),
      ];
      const refusal = expect.toSatisfy(isLeaseHeldError);
      expect(await outcomesOf(works)).toEqual([refusal, refusal]);
    });
    expect(await storedThreads()).toEqual([]);
  });

  test("and too large for any message is named as that, and not as a database that stays away", async () => {
    // Never touched, so it takes no memory.
    const gigabyte = Buffer.alloc(2 ** 30);
    const plain = saverWith().serde;
    const serde: SerializerProtocol = {
      dumpsTyped: async (value) => (value === "large" ? ["bytes", gigabyte] : plain.dumpsTyped(value)),
      loadsTyped: (type, data) => plain.loadsTyped(type, data),
    };
    const saver = saverWith({}, serde);
    const works = [
      put(saver, "beside", "small"),
      saver.putWrites(at("t", "0"), [["x", "large"]], "task"),
      put(saver, "t", "small", "0"),
    ];
    const [beside, write, checkpoint] = await outcomesOf(works);
    expect(beside).toBe("stored");
    expect(write).toMatchObject({
      name: "PersistenceError",
      message: expect.stringMatching(/^Thread t: [^\n]*more than it takes at once [^\n]*1024 MB/),
    });
    expect(isTransient(write)).toBe(false);
    expect(checkpoint).toEqual(write);
    expect(await storedThreads()).toEqual(["beside"]);
  });
});
