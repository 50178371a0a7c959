/**
 * Encryption at rest: what is stored shows nothing, what was altered or moved does not open, and keys can be changed.
 * `encryptionSpec(() => …)`.
 */
import {
  Annotation,
  type BaseCheckpointSaver,
  Command,
  END,
  interrupt,
  START,
  StateGraph,
} from "@langchain/langgraph";
import { type CheckpointMetadata, emptyCheckpoint, uuid6 } from "@langchain/langgraph-checkpoint";
import { describe, expect, test } from "vitest";
import { historyOf } from "./subject.ts";

export interface Sealable {
  /** Another saver on the same data, with the keys of these numbers. The first one seals. */
  again(...keys: number[]): BaseCheckpointSaver;
  /** LangGraph's own on the same data. */
  readonly stock: BaseCheckpointSaver;
  /** In `sql`, CHECKPOINTS, BLOBS and WRITES stand for the tables. @returns How many rows were touched. */
  change(sql: string): Promise<number>;
  /** All rows of all tables, as Postgres shows them: bytes in hex. */
  everything(): Promise<string>;
  /** Seals all anew with the first key. @returns What was done, a thread an entry. */
  reseal(first: number, ...others: number[]): Promise<object[]>;
}

const secret = "Frau Kowalczyk, Rosenweg 12";
const on = (thread: string) => ({ configurable: { thread_id: thread }, durability: "sync" as const });
const config = on("private");
/** Long enough that its list is stored by its ends, and its writes point at its values. */
const begun = secret.padEnd(2_000, ".");

const State = Annotation.Root({
  log: Annotation<readonly string[], readonly string[]>({
    reducer: (left, right) => left.concat(right),
    default: () => [],
  }),
  name: Annotation<string>,
});

const graphOn = (checkpointer: BaseCheckpointSaver) =>
  new StateGraph(State)
    .addNode("greet", ({ name }) => ({ log: [`for ${name}`], name: name.padEnd(500, "!") }))
    .addNode("ask", ({ name }) => ({ log: [`${name} said ${interrupt(`What would ${secret} like?`)}`] }))
    .addNode("beside", () => ({ log: [`beside ${secret}`] }))
    .addEdge(START, "greet")
    .addEdge("greet", "ask")
    .addEdge("greet", "beside")
    .addEdge("ask", END)
    .compile({ checkpointer });

/** Everything that a run may store of a secret; it waits for an answer. */
async function begin(saver: BaseCheckpointSaver, run = config): Promise<void> {
  await graphOn(saver).invoke({ log: [begun], name: secret }, run);
  await label(saver, { customer: secret, tags: [secret, "new"] }, run);
}

/** A checkpoint of its own with such metadata. */
async function label(saver: BaseCheckpointSaver, metadata: object, run = config): Promise<void> {
  const place = { configurable: { ...run.configurable, checkpoint_ns: "labels" } };
  const checkpoint = { ...emptyCheckpoint(), id: uuid6(0) };
  const all = { source: "update", step: 1, parents: {}, ...metadata } as CheckpointMetadata;
  await saver.put(place, checkpoint, all, {});
}

async function labelled(saver: BaseCheckpointSaver, filter: Record<string, unknown>, limit?: number) {
  const steps: unknown[] = [];
  const options = { filter, ...(limit === undefined ? {} : { limit }) };
  for await (const { metadata } of saver.list(config, options)) steps.push(metadata?.step);
  return steps;
}

/** As it may stand in text: plainly, in hex, and in base64 wherever it begins. */
function shapesOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const inBase64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64")
      .slice(4, -4),
  );
  return [text, bytes.toString("hex"), ...inBase64];
}

const refusedWith = (message: string | RegExp) => ({
  name: "CheckpointDamagedError",
  message: expect.stringMatching(message),
});

export function encryptionSpec(open: () => Promise<Sealable>): void {
  test("what a thread stores shows a secret nowhere, and reads as it was", async () => {
    const { again, everything } = await open();
    await begin(again(1));
    const stored = await everything();
    for (const shape of shapesOf(secret)) expect(stored).not.toContain(shape);
    const state = await graphOn(again(1)).getState(config);
    expect(state.values.log).toEqual([begun, `for ${secret}`, `beside ${secret}`]);
    expect(state.tasks.flatMap(({ interrupts }) => interrupts)).toMatchObject([
      { value: `What would ${secret} like?` },
    ]);
    const ended = await graphOn(again(1)).invoke(new Command({ resume: "tea" }), config);
    expect(ended.log).toContain(`${state.values.name} said tea`);
    for await (const { metadata } of again(1).list(config, { filter: { source: "update" } })) {
      expect(metadata).toMatchObject({ step: 1, customer: secret, tags: [secret, "new"] });
    }
  });

  test("without a key a secret stands in the tables: the search would find it", async () => {
    const { again, everything } = await open();
    await begin(again());
    const stored = await everything();
    for (const shape of shapesOf(secret).slice(0, 2)) expect(stored).toContain(shape);
  });

  test.each([
    ["another key", [2], /private.*sealed with key 72cd6e84, .*not among.*\(75877bb4\).*Add that key/s],
    ["no key", [], /private.*sealed with key 72cd6e84, .*FAULTLINE_ENCRYPTION_KEY is not set.*Set/s],
  ])(
    "a thread read with %s is refused on every way, with the key's name and a mend",
    async (_, keys, message) => {
      const { again } = await open();
      await begin(again(1));
      const graph = graphOn(again(...keys));
      await expect.soft(graph.getState(config)).rejects.toMatchObject(refusedWith(message));
      await expect.soft(graph.invoke(null, config)).rejects.toMatchObject(refusedWith(message));
      await expect.soft(historyOf(graph, config)).rejects.toMatchObject(refusedWith(message));
      await expect
        .soft(labelled(again(...keys), { source: "update" }))
        .rejects.toMatchObject(refusedWith(message));
      await expect
        .soft(labelled(again(...keys), { customer: secret }))
        .rejects.toMatchObject(refusedWith(message));
      // It stands as it stood.
      expect((await graphOn(again(1)).getState(config)).next).toEqual(["ask"]);
    },
  );

  test("the stock saver refuses a sealed thread", async () => {
    const { again, stock } = await open();
    await begin(again(1));
    await expect(stock.getTuple(config)).rejects.toThrow("Unknown serialization type: sealed:");
  });

  const newest = `checkpoint_id = (SELECT max(checkpoint_id) FROM CHECKPOINTS WHERE thread_id = 'private'
    AND checkpoint_ns = '')`;
  const mine = "thread_id = 'private' AND checkpoint_ns = ''";
  const ofName = `${mine} AND channel = 'name' AND octet_length(blob) > 500`;
  /** The checksum finds accidents: whoever alters a row on purpose can take it away. */
  const altered = (table: string, blob: string, which: string) =>
    `UPDATE ${table} t SET blob = ${blob}, digest = NULL WHERE ${which}`;
  const flipped = (at: string) =>
    altered("BLOBS", `set_byte(blob, ${at}, get_byte(blob, ${at}) # 1)`, ofName);
  const label0 = "thread_id = 'private' AND checkpoint_ns = 'labels'";

  test.each([
    ["a flipped bit in the nonce", flipped("5")],
    ["a flipped bit in the value", flipped("20")],
    ["a flipped bit in the tag", flipped("octet_length(blob) - 1")],
    ["a flipped bit in the key's name", flipped("0")],
    ["a value cut short", altered("BLOBS", "substr(blob, 1, octet_length(blob) - 1)", ofName)],
    ["a value cut down to a few bytes", altered("BLOBS", "substr(blob, 1, 20)", ofName)],
    ["a value of another type", `UPDATE BLOBS SET type = 'sealed:bytes', digest = NULL WHERE ${ofName}`],
    ["a value called plain", `UPDATE BLOBS SET type = 'json', digest = NULL WHERE ${ofName}`],
    [
      "a value of another thread",
      altered(
        "BLOBS",
        "(SELECT blob FROM BLOBS o WHERE thread_id = 'other' AND o.channel = t.channel LIMIT 1)",
        ofName,
      ),
    ],
    [
      "an earlier value of the same channel",
      altered(
        "BLOBS",
        `(SELECT blob FROM BLOBS o WHERE ${mine} AND o.channel = 'name' AND octet_length(o.blob) < 500 LIMIT 1)`,
        ofName,
      ),
    ],
    [
      "an appended part called the whole",
      `UPDATE BLOBS SET base = NULL, digest = NULL WHERE ${mine} AND base IS NOT NULL`,
    ],
    [
      "a write of another channel",
      `UPDATE WRITES SET channel = 'name', digest = NULL WHERE ${mine} AND ${newest} AND channel = 'log'`,
    ],
    [
      "a write of another task",
      `UPDATE WRITES SET task_id = 'x', digest = NULL WHERE ${mine} AND ${newest} AND channel = 'log'`,
    ],
    [
      "metadata under another key",
      `UPDATE CHECKPOINTS SET metadata = jsonb_set(metadata, '{customer}', metadata -> 'tags'), digest = NULL WHERE ${label0}`,
    ],
    [
      "metadata of another thread",
      `UPDATE CHECKPOINTS SET digest = NULL, metadata = (SELECT metadata FROM CHECKPOINTS o WHERE thread_id = 'other'
         AND checkpoint_ns = 'labels') WHERE ${label0}`,
    ],
  ])("%s does not open", async (_, sql) => {
    const { again, change } = await open();
    await begin(again(1));
    await begin(again(1), on("other"));
    const other = await graphOn(again(1)).getState(on("other"));
    expect(await change(sql)).toBeGreaterThan(0);
    const readAll = async () => {
      await historyOf(graphOn(again(1)), config);
      await labelled(again(1), {});
    };
    await expect(readAll()).rejects.toMatchObject(refusedWith(/private/));
    expect(await graphOn(again(1)).getState(on("other"))).toEqual(other);
  });

  test("a whole thread does not open under another name", async () => {
    const { again, change } = await open();
    await begin(again(1));
    const renamed = (table: string) =>
      `UPDATE ${table} SET thread_id = 'stolen', digest = NULL WHERE thread_id = 'private'`;
    await change(`WITH b AS (${renamed("BLOBS")}), w AS (${renamed("WRITES")}) ${renamed("CHECKPOINTS")}`);
    const stolen = graphOn(again(1)).getState(on("stolen"));
    await expect(stolen).rejects.toMatchObject(refusedWith(/stolen.*stood elsewhere/));
  });

  test("no two values are sealed with the same nonce", async () => {
    const { again, everything } = await open();
    await label(again(1), { customer: secret, tags: [secret] });
    await label(again(1), { customer: secret });
    const sealed = [...(await everything()).matchAll(/faultline:sealed\W+([\w+/=]+)/g)].map(
      ([, text]) => text,
    );
    // The key's name and the nonce are the first 16 bytes.
    const nonces = sealed.map((text = "") => Buffer.from(text, "base64").subarray(4, 16).toString("hex"));
    expect(nonces).toHaveLength(3);
    expect(new Set(nonces).size).toBe(3);
  });

  describe("rotation", () => {
    test("an old key behind the new one reads, and what is new is sealed with the new one", async () => {
      const { again, change } = await open();
      await begin(again(1));
      await graphOn(again(2, 1)).invoke(new Command({ resume: "tea" }), config);
      expect((await graphOn(again(1, 2)).getState(config)).next).toEqual([]);
      const count = (key: string) =>
        change(`UPDATE BLOBS SET type = type WHERE substr(blob, 1, 4) = '\\x${key}'`);
      expect(await count("72cd6e84")).toBeGreaterThan(0);
      expect(await count("75877bb4")).toBeGreaterThan(0);
      await expect(graphOn(again(1)).getState(config)).rejects.toMatchObject(refusedWith("75877bb4"));
    });

    test("after a reseal the old key can go, plain rows are sealed too, and doing it again does nothing", async () => {
      const { again, everything, reseal } = await open();
      await begin(again(1));
      await begin(again(), on("plain"));
      const states = [config, on("plain")];
      const history = async (...keys: number[]) =>
        Promise.all(states.map((run) => historyOf(graphOn(again(...keys)), run)));
      const was = await history(1);
      expect(await reseal(2, 1)).toMatchObject([{ thread: "plain" }, { thread: "private" }]);
      expect(await history(2)).toEqual(was);
      expect(await labelled(again(2), { customer: secret })).toEqual([1]);
      const stored = await everything();
      for (const shape of shapesOf(secret)) expect(stored).not.toContain(shape);
      expect(await reseal(2, 1)).toEqual([]);
      for (const run of states) await graphOn(again(2)).invoke(new Command({ resume: "tea" }), run);
    });

    test("a reseal leaves a thread whose key it has not as it is, says so, and goes on with the next", async () => {
      const { again, reseal } = await open();
      await begin(again(1), on("a"));
      await begin(again(3), on("b"));
      await begin(again(1), on("c"));
      expect(await reseal(2, 1)).toMatchObject([
        { thread: "a" },
        { thread: "b", left: "damaged", sealed: 0, problem: expect.stringContaining("is sealed with key") },
        { thread: "c" },
      ]);
      expect((await graphOn(again(3)).getState(on("b"))).next).toEqual(["ask"]);
    });
  });

  describe("a thread begun without a key", () => {
    test("is read and gone on with, its lists by their ends", async () => {
      const { again } = await open();
      await begin(again());
      await graphOn(again(1)).invoke(new Command({ resume: "tea" }), config);
      const { values } = await graphOn(again(1)).getState(config);
      expect(values.log).toHaveLength(4);
      expect(values.log.slice(0, 2)).toEqual([begun, `for ${secret}`]);
      await expect(graphOn(again()).getState(config)).rejects.toMatchObject(refusedWith("is not set"));
    });
  });

  describe("a filter on metadata", () => {
    test.each<[string, Record<string, unknown>, number | undefined, number[]]>([
      ["a text", { customer: "a" }, undefined, [4, 3, 1]],
      ["a text, with a limit", { customer: "a" }, 2, [4, 3]],
      ["a text, with a limit of none", { customer: "a" }, 0, []],
      ["two keys", { customer: "a", vip: true }, undefined, [3, 1]],
      ["a key of LangGraph's and one's own", { step: 3, customer: "a" }, undefined, [3]],
      ["a part of an object", { address: { town: "Ulm" } }, undefined, [4, 2]],
      ["a part of a list", { tags: ["x"] }, undefined, [4, 3]],
      ["a text where there is a list", { tags: "x" }, undefined, []],
      ["null", { vip: null }, undefined, [2]],
      ["a key that none has", { nothing: 1 }, undefined, []],
    ])("by %s finds what it finds without keys", async (_, filter, limit, steps) => {
      const { again } = await open();
      const labels = [
        { customer: "a", vip: true, address: { town: "Bonn" } },
        { customer: "b", vip: null, address: { town: "Ulm", street: "Am Markt" } },
        { customer: "a", vip: true, tags: ["x", "y"] },
        { customer: "a", vip: 1, tags: [["y"], "x"], address: { town: "Ulm" } },
      ];
      // One is from before the keys.
      for (const [i, metadata] of labels.entries())
        await label(i === 2 ? again() : again(1), { ...metadata, step: i + 1 });
      expect(await labelled(again(1), filter, limit)).toEqual(steps);
      const plain = await open();
      for (const [i, metadata] of labels.entries()) await label(plain.again(), { ...metadata, step: i + 1 });
      expect(await labelled(plain.again(), filter, limit)).toEqual(steps);
    });
  });
}
