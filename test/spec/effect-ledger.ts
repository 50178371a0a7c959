/** What every EffectLedger must do. Run it against each implementation: `effectLedgerSpec(() => memoryLedger())`. */
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Json } from "#src/faults/index.ts";
import type { EffectClaim, EffectLedger, StepRegistration } from "#src/recovery/index.ts";

/** @param open - Opens the ledger, once for the whole suite; the tests keep out of each other's way by their keys. */
export function effectLedgerSpec<Tx>(open: () => EffectLedger<Tx> | Promise<EffectLedger<Tx>>): void {
  let ledger: EffectLedger<Tx>;
  let id: string;
  let tests = 0;
  beforeAll(async () => {
    ledger = await open();
  });
  beforeEach(() => {
    tests += 1;
    id = `test ${tests}`;
  });

  const effect = (name = "pay", args: Json = { amount: 5 }): EffectClaim => ({
    key: `${id}|${name}`,
    thread: id,
    name,
    args,
  });
  const step = (name = "pay", args: Json = { amount: 5 }): StepRegistration => ({
    saga: id,
    name,
    effect: `${id}|${name}`,
    undo: "refund",
    args,
  });
  const changed = { name: "Fault:unexpected:effect_args_changed" };
  const refused = { name: "Fault:unexpected:text_not_storable" };

  describe("claim and record", () => {
    test("a recorded effect is given back and not run again", async () => {
      expect(await ledger.claim(effect())).toEqual({ status: "run", attempt: 1 });
      expect(await ledger.record(effect().key, { receipt: 7 })).toEqual({ receipt: 7 });
      expect(await ledger.claim(effect())).toEqual({ status: "done", result: { receipt: 7 } });
    });

    test("an effect whose outcome is not known is run again, and the runs are counted", async () => {
      for (const attempt of [1, 2, 3])
        expect(await ledger.claim(effect())).toEqual({ status: "run", attempt });
      await ledger.record(effect().key, null);
      await ledger.claim(effect());
      expect(await ledger.entries(id)).toEqual([{ ...effect(), status: "done", attempts: 3, result: null }]);
    });

    test("claims that come at once are all counted", async () => {
      const claims = await Promise.all([1, 2, 3, 4].map(() => ledger.claim(effect())));
      const attempts = claims.map((claim) => (claim.status === "run" ? claim.attempt : 0));
      expect(attempts.sort()).toEqual([1, 2, 3, 4]);
    });

    test("a key claimed with other arguments is refused, done or not", async () => {
      await ledger.claim(effect());
      const other = effect("pay", { amount: 6 });
      await expect(ledger.claim(other)).rejects.toMatchObject(changed);
      await ledger.record(effect().key, "paid");
      await expect(ledger.claim(other)).rejects.toMatchObject(changed);
      await expect(ledger.transact(other, async () => null)).rejects.toMatchObject(changed);
      expect(await ledger.claim(effect())).toEqual({ status: "done", result: "paid" });
    });

    test("arguments are the same whatever the order of their keys", async () => {
      await ledger.claim(effect("pay", { a: 1, b: { c: 2, d: 3 } }));
      const again = await ledger.claim(effect("pay", { b: { d: 3, c: 2 }, a: 1 }));
      expect(again).toEqual({ status: "run", attempt: 2 });
    });

    test("a late second record does not change what was given out", async () => {
      await ledger.claim(effect());
      await ledger.record(effect().key, "first");
      expect(await ledger.record(effect().key, "second")).toBe("first");
      expect(await ledger.claim(effect())).toEqual({ status: "done", result: "first" });
    });

    test("a result for a key that nobody claimed is refused", async () => {
      await expect(ledger.record(`${id}|nobody`, 1)).rejects.toThrow(RangeError);
      await expect(ledger.record(`${id}|nobody`, 1)).rejects.toThrow(`${id}|nobody`);
    });
  });

  describe("transact", () => {
    test("runs once and gives back the record", async () => {
      let runs = 0;
      const run = async () => ({ run: ++runs });
      expect(await ledger.transact(effect(), run)).toEqual({ run: 1 });
      expect(await ledger.transact(effect(), run)).toEqual({ run: 1 });
      expect(await ledger.entries(id)).toEqual([
        { ...effect(), status: "done", attempts: 1, result: { run: 1 } },
      ]);
    });

    test("a throw leaves no trace, and the next call runs as the first", async () => {
      const failing = ledger.transact(effect(), async () => {
        throw new Error("no money");
      });
      await expect(failing).rejects.toThrow("no money");
      expect(await ledger.entries(id)).toEqual([]);
      expect(await ledger.transact(effect("pay", { amount: 6 }), async () => "paid")).toBe("paid");
    });

    test("a throw leaves an earlier claim as it was", async () => {
      await ledger.claim(effect());
      const failing = ledger.transact(effect(), async () => {
        throw new Error("no money");
      });
      await expect(failing).rejects.toThrow("no money");
      expect(await ledger.entries(id)).toMatchObject([{ status: "claimed", attempts: 1 }]);
    });

    test("several on one key at once run once", async () => {
      let runs = 0;
      const pay = () =>
        ledger.transact(effect(), async () => {
          runs += 1;
          await new Promise((resolve) => setImmediate(resolve));
          return runs;
        });
      expect(await Promise.all([pay(), pay(), pay()])).toEqual([1, 1, 1]);
      expect(runs).toBe(1);
    });

    test("one that waits for a failing one runs in its place", async () => {
      // On a pool of several clients the second one could claim first.
      let waiting: Promise<Json> | undefined;
      const failing = ledger.transact(effect(), async () => {
        waiting = ledger.transact(effect(), async () => "paid");
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error("no money");
      });
      await expect(failing).rejects.toThrow("no money");
      expect(await waiting).toBe("paid");
    });
  });

  describe("entries", () => {
    test("stand in the order of their first claims, and each thread has its own", async () => {
      for (const name of ["c", "a", "b"]) await ledger.claim(effect(name));
      await ledger.claim({ ...effect("other"), thread: `${id} other` });
      await ledger.record(effect("a").key, 1);
      await ledger.claim(effect("c"));
      expect((await ledger.entries(id)).map(({ name }) => name)).toEqual(["c", "a", "b"]);
      expect(await ledger.entries(`${id} unknown`)).toEqual([]);
    });

    test("are copies", async () => {
      await ledger.claim(effect());
      const [entry] = await ledger.entries(id);
      Object.assign(entry?.args as object, { amount: 1000 });
      expect(await ledger.entries(id)).toMatchObject([{ args: { amount: 5 } }]);
    });
  });

  describe("steps", () => {
    test("stand in the order of registration, with what is known of their effects", async () => {
      for (const name of ["none", "unknown", "done"]) await ledger.register(id, step(name));
      await ledger.claim(effect("unknown"));
      await ledger.claim(effect("done"));
      await ledger.record(effect("done").key, { receipt: 7 });
      expect(await ledger.steps(id)).toEqual([
        { ...step("none"), seq: 1, status: "open", outcome: "none", result: null },
        { ...step("unknown"), seq: 2, status: "open", outcome: "unknown", result: null },
        { ...step("done"), seq: 3, status: "open", outcome: "done", result: { receipt: 7 } },
      ]);
      expect(await ledger.steps(`${id} unknown`)).toEqual([]);
    });

    test("registering again keeps the place; once the effect is claimed, it changes nothing", async () => {
      await ledger.register(id, step("a"));
      await ledger.register(id, step("b"));
      const renewed = { ...step("a", { amount: 6 }), undo: "void" };
      expect(await ledger.register(id, renewed)).toBe("open");
      expect(await ledger.steps(id)).toMatchObject([
        { name: "a", seq: 1, undo: "void", args: { amount: 6 } },
        { name: "b", seq: 2 },
      ]);
      await ledger.claim(effect("a", { amount: 6 }));
      expect(await ledger.register(id, step("a"))).toBe("open");
      expect(await ledger.steps(id)).toMatchObject([{ undo: "void", args: { amount: 6 } }, { name: "b" }]);
    });

    test("a settled step stays settled when it is registered again", async () => {
      await ledger.register(id, step());
      await ledger.settle(id, id, "pay", "undone");
      expect(await ledger.register(id, step())).toBe("undone");
      expect(await ledger.steps(id)).toMatchObject([{ status: "undone" }]);
    });

    test("settling sets the status, and the problem or none", async () => {
      await ledger.register(id, step());
      await ledger.settle(id, id, "pay", "open", "the bank is closed");
      expect(await ledger.steps(id)).toMatchObject([{ status: "open", problem: "the bank is closed" }]);
      await ledger.settle(id, id, "pay", "stuck", "the bank is gone");
      expect(await ledger.steps(id)).toMatchObject([{ status: "stuck", problem: "the bank is gone" }]);
      await ledger.settle(id, id, "pay", "undone");
      const [settled] = await ledger.steps(id);
      expect(settled?.status).toBe("undone");
      expect(settled).not.toHaveProperty("problem");
    });

    test("a step that the saga does not have is not settled in silence", async () => {
      await ledger.register(id, step());
      await expect(ledger.settle(id, id, "ship", "undone")).rejects.toThrow("has no step ship");
      await expect(ledger.settle(id, `${id} unknown`, "pay", "undone")).rejects.toThrow(RangeError);
    });
  });

  describe("values", () => {
    const strange: Record<string, Json> = {
      null: null,
      "empty texts and lists": ["", [], {}, [[]]],
      unicode: "Zoë — 北京 — 👩‍🚀 — e\u0301",
      "a NUL and half a character": "a\u0000b\ud800",
      "keys that look like others": JSON.parse(`{"__proto__":null,"constructor":1,"":2,"a.b":3,"'; --":4}`),
      "what looks as if the ledger had sealed it": { "faultline:sealed": "hello" },
      "what looks as if the ledger had wrapped it": { "faultline:plain": { "faultline:sealed": "hello" } },
      numbers: [0, 5e-324, 1.7976931348623157e308, Number.MAX_SAFE_INTEGER, 0.1 + 0.2],
      depth: JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`),
    };

    test.each(Object.keys(strange))("%s come back as they were", async (which) => {
      const value = strange[which] as Json;
      await ledger.claim(effect("pay", value));
      await ledger.record(effect().key, value);
      expect(await ledger.claim(effect("pay", value))).toEqual({ status: "done", result: value });
      await ledger.register(id, step("pay", value));
      expect(await ledger.steps(id)).toMatchObject([{ args: value, result: value }]);
    });

    test("the order of keys is kept, so that a prompt made of a replayed result reads the same", async () => {
      await ledger.claim(effect());
      const result = await ledger.record(effect().key, { long: 1, b: 2, a: 3 });
      const again = await ledger.claim(effect());
      expect(JSON.stringify(result)).toBe('{"long":1,"b":2,"a":3}');
      expect(JSON.stringify(again)).toContain('{"long":1,"b":2,"a":3}');
    });

    test("-0 and NaN are no other arguments on a replay", async () => {
      const args = { amount: -0, rate: Number.NaN };
      await ledger.claim(effect("pay", args));
      expect(await ledger.claim(effect("pay", args))).toEqual({ status: "run", attempt: 2 });
      await ledger.record(effect().key, -0);
      expect(await ledger.claim(effect("pay", args))).toEqual({ status: "done", result: 0 });
    });

    test("any JSON comes back as JSON has it", async () => {
      let runs = 0;
      const json = fc
        .jsonValue({ maxDepth: 2, stringUnit: "binary" })
        .map((value) => JSON.parse(JSON.stringify(value)));
      await fc.assert(
        fc.asyncProperty(json, async (value: Json) => {
          runs += 1;
          const any = effect(`any ${runs}`, value);
          await ledger.claim(any);
          await ledger.record(any.key, value);
          expect(await ledger.claim(any)).toEqual({ status: "done", result: value });
        }),
        { numRuns: 25 },
      );
    });

    test("a problem may hold any character", async () => {
      await ledger.register(id, step());
      await ledger.settle(id, id, "pay", "stuck", "answer was: \u0000\ud800");
      expect(await ledger.steps(id)).toMatchObject([{ problem: "answer was: \u0000\ud800" }]);
    });

    test.each(["nul \u0000", "half \ud800"])("a name that no database keeps is refused: %j", async (name) => {
      await expect(ledger.claim(effect(name))).rejects.toMatchObject(refused);
      await expect(ledger.claim({ ...effect(), thread: name })).rejects.toMatchObject(refused);
      await expect(ledger.transact(effect(name), async () => null)).rejects.toMatchObject(refused);
      await expect(ledger.register(id, step(name))).rejects.toMatchObject(refused);
      await expect(ledger.register(id, { ...step(), saga: name })).rejects.toMatchObject(refused);
      expect(await ledger.claim(effect())).toEqual({ status: "run", attempt: 1 });
    });
  });
}
