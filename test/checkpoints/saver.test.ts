import { expect, test } from "vitest";
import { eachEngine } from "../support/database.ts";

eachEngine("persistence", (open, engine) => {
  test("opens", async () => {
    const p = await open();
    expect(p.engine).toBe(engine);
    expect((await p.pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
  });
});
