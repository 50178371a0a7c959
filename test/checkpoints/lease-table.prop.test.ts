import fc from "fast-check";
import { expect, test } from "vitest";
import { type LeaseKey, leaseTable } from "#checkpoints/lease-table.ts";
import { postgresLedger } from "#checkpoints/ledger.ts";
import { eachEngine } from "../support/database.ts";

/** Each process remembers the last lease it took, whatever became of it meanwhile. */
const processes = [0, 1];

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        act: fc.constantFrom("take", "renew", "release", "write"),
        by: fc.constantFrom(...processes),
      }),
    },
    // The lease's time runs out.
    { weight: 1, arbitrary: fc.record({ act: fc.constant("expire"), by: fc.constant(0) }) },
    // `by` has seen that the holder of another's lease is dead.
    { weight: 1, arbitrary: fc.record({ act: fc.constant("take over"), by: fc.constantFrom(...processes) }) },
  ),
  { minLength: 1, maxLength: 30 },
);

eachEngine("leases", (open) => {
  test("whatever is taken, renewed, run out and released, no two tokens are good at once", async () => {
    const { pool, schema } = await open();
    const table = leaseTable(pool, schema, 600_000);
    let runs = 0;

    const property = fc.asyncProperty(steps, async (chosen) => {
      runs += 1;
      const thread = `t${runs}`;
      const last = new Map<number, LeaseKey>();
      let holder: number | undefined; // The model: who may write.
      let newest = 0n;

      /** Whether the ledger lets the process in under the token it remembers. */
      const mayWrite = async (by: number) => {
        const token = last.get(by)?.token ?? "0";
        const ledger = postgresLedger(pool, schema, {
          tokenOf: () => token,
          refusal: () => new Error("refused"),
        });
        const claim = ledger.claim({ key: `${thread}|${by}`, thread, name: "pay", args: null });
        return claim.then(
          () => true,
          () => false,
        );
      };

      for (const [at, { act, by }] of chosen.entries()) {
        const mine = last.get(by);
        switch (act) {
          case "take":
          case "take over": {
            const dead = act === "take over" ? (await table.look(thread))?.token : undefined;
            const token = await table.take(thread, `process ${by}, try ${at}`, dead);
            expect(token !== undefined).toBe(holder === undefined || dead !== undefined);
            if (token === undefined) break;
            expect(BigInt(token)).toBeGreaterThan(newest);
            newest = BigInt(token);
            last.set(by, { thread, token });
            holder = by;
            break;
          }
          case "renew": {
            if (mine === undefined) break;
            expect((await table.renew([mine])).has(mine.token)).toBe(holder === by);
            break;
          }
          case "release":
            if (mine !== undefined) await table.release([mine]);
            if (holder === by) holder = undefined;
            break;
          case "expire":
            await pool.query(
              `UPDATE "${schema}".leases SET expires_at = clock_timestamp() WHERE thread = $1`,
              [thread],
            );
            holder = undefined;
            break;
        }
        const allowed: number[] = [];
        for (const one of processes) if (await mayWrite(one)) allowed.push(one);
        expect(allowed).toEqual(holder === undefined ? [] : [holder]);
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test("many threads are renewed in one go, and each answers for itself", async () => {
    const { pool, schema } = await open();
    const table = leaseTable(pool, schema, 600_000);
    const keys: LeaseKey[] = [];
    for (const thread of ["a", "b", "c"]) {
      keys.push({ thread, token: (await table.take(thread, `holder of ${thread}`)) ?? "" });
    }
    const [a, b, c] = keys as [LeaseKey, LeaseKey, LeaseKey];
    await table.release([b]);
    expect(await table.renew(keys)).toEqual(new Set([a.token, c.token]));
  });

  test("a lease whose first answer was lost is had by asking again with the same holder", async () => {
    const { pool, schema } = await open();
    const table = leaseTable(pool, schema, 600_000);
    await table.take("t", "one call");
    const again = await table.take("t", "one call");
    expect(again).toEqual(expect.any(String));
    expect(await table.take("t", "another call")).toBeUndefined();
    expect(await table.look("t")).toMatchObject({ thread: "t", holder: "one call", token: again });
  });
});
