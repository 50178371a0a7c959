import { expect, test } from "vitest";
import { effectLedgerSpec } from "../spec/effect-ledger.ts";
import { eachEngine } from "../support/database.ts";

eachEngine("the ledger", (open) => {
  effectLedgerSpec(async () => (await open()).ledger);

  test("what an effect wrote into its transaction goes with it, and stays with it", async () => {
    const { ledger, pool, schema } = await open();
    const bookings = `"${schema}".bookings`;
    await pool.query(`CREATE TABLE ${bookings} (note text)`);
    const book = (key: string, outcome: () => string) =>
      ledger.transact({ key, thread: "t", name: "book", args: null }, async (tx) => {
        await tx.query(`INSERT INTO ${bookings} VALUES ($1)`, [key]);
        return outcome();
      });
    const failing = book("lost", () => {
      throw new Error("crash before the commit");
    });
    await expect(failing).rejects.toThrow("crash before the commit");
    await book("kept", () => "done");
    await book("kept", () => "again");
    expect((await pool.query(`SELECT note FROM ${bookings}`)).rows).toEqual([{ note: "kept" }]);
  });
});
