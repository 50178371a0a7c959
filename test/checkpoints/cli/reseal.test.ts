import { emptyCheckpoint } from "@langchain/langgraph-checkpoint";
import { expect, test } from "vitest";
import { openPersistence } from "#checkpoints/index.ts";
import { keyTextOf } from "../../conformance/savers.ts";
import { startChild } from "../../support/child-process.ts";
import { describePostgres, freshSchema, runSql } from "../../support/database.ts";

describePostgres("npm run checkpoints -- reseal", (url) => {
  test("says when the old key can go, when it cannot, and when there is none", async () => {
    const schema = freshSchema();
    const reseal = async (keys: string) => {
      const env = { DATABASE_URL: url, FAULTLINE_ENCRYPTION_KEY: keys };
      const child = startChild("checkpoints/cli/main.ts", ["reseal", "--schema", schema], env);
      return { code: await child.ended, output: child.output() };
    };
    const open = (...keys: number[]) =>
      openPersistence({ databaseUrl: url, schema, encryptionKey: keyTextOf(...keys) });
    const config = { configurable: { thread_id: "t", checkpoint_ns: "" } };
    const checkpoint = { ...emptyCheckpoint(), channel_values: { name: "n" }, channel_versions: { name: 1 } };
    const old = await open(1);
    await old.saver.put(config, checkpoint, { source: "input", step: -1, parents: {} }, { name: 1 });
    await old.ledger.claim({ key: "k", thread: "t", name: "pay", args: {} });
    await old.close();

    const without = await reseal("");
    expect(without).toMatchObject({ code: 2, output: expect.stringContaining("reseal needs a key") });
    const strange = await reseal(keyTextOf(2));
    expect(strange.code).toBe(1);
    expect(strange.output).toMatch(
      /t\b.*left.*sealed with key 72cd6e84.*effects k is sealed.*keep the older keys/s,
    );
    const done = await reseal(keyTextOf(2, 1));
    expect(done).toMatchObject({ code: 0, output: expect.stringContaining("the others can go") });

    const anew = await open(2);
    expect((await anew.saver.getTuple(config))?.checkpoint.channel_values).toEqual({ name: "n" });
    expect(await anew.ledger.entries("t")).toMatchObject([{ args: {} }]);
    await anew.close();
    await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);
  }, 90_000);
});
