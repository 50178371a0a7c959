/** Keys from the environment, and the ledger under them. For checkpoints see `test/conformance/sealed.test.ts`. */
import type pg from "pg";
import { describe, expect, test } from "vitest";
import { parseKeys } from "#checkpoints/encryption.ts";
import { openPersistence } from "#checkpoints/index.ts";
import { persistenceOn } from "#checkpoints/persistence.ts";
import { openLedger, resealLedger } from "#checkpoints/reseal-ledger.ts";
import { keysOf, keyTextOf } from "../conformance/savers.ts";
import { effectLedgerSpec } from "../spec/effect-ledger.ts";
import { onPglite } from "../support/database.ts";

describe("a key text", () => {
  test.each([
    ["is not base64", "not a key!"],
    ["is too short", Buffer.alloc(16, 1).toString("base64")],
    ["is too long", Buffer.alloc(33, 1).toString("base64")],
    ["is hex", Buffer.alloc(32, 1).toString("hex")],
    ["is base64 with a letter that is none", `*${keyTextOf(1)}`],
  ])("that %s is refused in one line that says how to make one, and not what it was", async (_, text) => {
    const opening = openPersistence({
      encryptionKey: text,
      databaseUrl: "postgres://nobody@127.0.0.1:9/nothing",
    });
    const error = await opening.then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error).toMatchObject({ name: "StartUpError" });
    expect(error?.message).toMatch(/^Key 1 in FAULTLINE_ENCRYPTION_KEY .*openssl rand -base64 32/);
    expect(error?.message).not.toContain(text);
    expect(error?.message).not.toContain("\n");
  });

  test("of several is refused by the number of the bad one, an empty one too", () => {
    expect(() => parseKeys(`${keyTextOf(1)}, short`)).toThrow("Key 2 in");
    expect(() => parseKeys(`${keyTextOf(1)},`)).toThrow("Key 2 in");
  });

  test("of blanks means none, and blanks around a key do not count", () => {
    expect(parseKeys("")).toBeUndefined();
    expect(parseKeys("  ")).toBeUndefined();
    expect(parseKeys(` ${keyTextOf(1)} , ${keyTextOf(2)}\n`)).toHaveLength(2);
  });

  test("stands in the environment", async () => {
    const before = process.env.FAULTLINE_ENCRYPTION_KEY;
    process.env.FAULTLINE_ENCRYPTION_KEY = "short";
    try {
      await expect(openPersistence({ databaseUrl: "" })).rejects.toThrow("Key 1 in");
    } finally {
      if (before === undefined) delete process.env.FAULTLINE_ENCRYPTION_KEY;
      else process.env.FAULTLINE_ENCRYPTION_KEY = before;
    }
  });
});

onPglite("the sealed ledger", (open) => {
  type Tables = Awaited<ReturnType<typeof open>>;
  const again = async ({ pool, schema }: Tables, keys?: Parameters<typeof keysOf>) => {
    const engine = {
      name: "pglite" as const,
      pool,
      renewals: null,
      async apart<T>(work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
        const client = await pool.connect();
        return work(client).finally(() => client.release());
      },
      close: async () => {},
    };
    return (await persistenceOn(engine, schema, {}, keys === undefined ? undefined : keysOf(...keys))).ledger;
  };
  const secret = "IBAN DE02120300000000202051";
  const effect = { key: "k", thread: "t", name: "pay", args: { to: secret } };
  const step = { saga: "s", name: "pay", effect: "k", undo: "refund", args: { to: secret } };

  async function begin(tables: Tables, keys?: Parameters<typeof keysOf>): Promise<void> {
    const ledger = await again(tables, keys);
    await ledger.register("t", step);
    await ledger.claim(effect);
    await ledger.record("k", { paid: secret });
    await ledger.settle("t", "s", "pay", "open", `refused for ${secret}`);
    // Registered, and never claimed.
    await ledger.register("t", { ...step, name: "mail", effect: "m" });
  }

  async function stored({ pool, schema }: Tables): Promise<string> {
    const { rows } = await pool.query(
      `SELECT t::text AS row FROM "${schema}".effects t UNION ALL SELECT t::text FROM "${schema}".saga_steps t`,
    );
    return rows.map(({ row }) => row).join("\n");
  }

  effectLedgerSpec(async () => again(await open(), [1]));

  test("shows a secret nowhere, and would without a key", async () => {
    const [sealed, plain] = [await open(), await open()];
    await begin(sealed, [1]);
    await begin(plain);
    expect(await stored(sealed)).not.toContain(secret);
    expect((await stored(plain)).split(secret)).toHaveLength(6);
  });

  test("is refused with another key or none, by the key's name and with a mend", async () => {
    const tables = await open();
    await begin(tables, [1]);
    const refused = {
      message: expect.stringMatching(/^The ledger .* of [ks] is sealed with key 72cd6e84.*(Set|Add).*\.$/),
    };
    for (const keys of [undefined, [2] as [number]]) {
      const ledger = await again(tables, keys);
      await expect(ledger.claim(effect)).rejects.toMatchObject(refused);
      await expect(ledger.entries("t")).rejects.toMatchObject(refused);
      await expect(ledger.steps("s")).rejects.toMatchObject(refused);
    }
  });

  test("gives no result that was moved from another effect", async () => {
    const tables = await open();
    const ledger = await again(tables, [1]);
    for (const key of ["a", "b"]) {
      await ledger.claim({ ...effect, key });
      await ledger.record(key, key);
    }
    await tables.pool.query(
      `UPDATE "${tables.schema}".effects SET result = (SELECT result FROM "${tables.schema}".effects WHERE key = 'b')
       WHERE key = 'a'`,
    );
    await expect(ledger.claim({ ...effect, key: "a" })).rejects.toThrow("was altered");
  });

  test("is sealed anew, what stood legibly too; then the old key can go, and there is nothing left to do", async () => {
    const tables = await open();
    await begin(tables, [1]);
    await (await again(tables)).claim({ ...effect, key: "plain" });
    expect(await resealLedger(tables, keysOf(2, 1))).toEqual({ rewritten: 4, problems: [] });
    const ledger = await again(tables, [2]);
    expect((await ledger.entries("t")).map(({ args, result }) => [args, result])).toEqual([
      [{ to: secret }, { paid: secret }],
      [{ to: secret }, null],
    ]);
    expect(await ledger.steps("s")).toMatchObject([
      { args: { to: secret }, result: { paid: secret }, problem: `refused for ${secret}` },
      { args: { to: secret }, result: null },
    ]);
    expect(await stored(tables)).not.toContain(secret);
    expect(await resealLedger(tables, keysOf(2, 1))).toEqual({ rewritten: 0, problems: [] });
  });

  test("is opened for good, and read without a key from then on", async () => {
    const tables = await open();
    await begin(tables, [1]);
    const { problems } = await openLedger(tables, undefined);
    expect(problems).toContainEqual(expect.stringMatching(/^effects k is sealed with key 72cd6e84/));
    expect(await openLedger(tables, keysOf(2, 1))).toEqual({ rewritten: 3, problems: [] });
    const ledger = await again(tables);
    expect(await ledger.claim(effect)).toEqual({ status: "done", result: { paid: secret } });
    expect(await ledger.steps("s")).toMatchObject([
      { problem: `refused for ${secret}` },
      { outcome: "none" },
    ]);
    expect(await openLedger(tables, undefined)).toEqual({ rewritten: 0, problems: [] });
  });

  test("keeps what it cannot open, and says so", async () => {
    const tables = await open();
    await begin(tables, [1]);
    const { rewritten, problems } = await resealLedger(tables, keysOf(2));
    expect(rewritten).toBe(0);
    expect(problems).toContainEqual(expect.stringMatching(/^effects k is sealed with key 72cd6e84/));
    expect(await (await again(tables, [1])).claim(effect)).toMatchObject({ status: "done" });
  });
});
