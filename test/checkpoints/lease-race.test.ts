import { expect, onTestFinished, test } from "vitest";
import { startChild } from "../support/child-process.ts";
import { describePostgres, freshSchema, runSql } from "../support/database.ts";

describePostgres("processes that want one thread", (url) => {
  test("of eight at once, one gets it; when that is killed, one of the next two does", async () => {
    const schema = freshSchema();
    onTestFinished(() => runSql(url, `DROP SCHEMA "${schema}" CASCADE`));

    async function race(count: number) {
      const children = Array.from({ length: count }, () =>
        startChild("test/checkpoints/processes/race-for-thread.ts", [schema], { DATABASE_URL: url }),
      );
      await Promise.all(children.map((child) => child.printed("ready\n")));
      await runSql(url, `CREATE TABLE "${schema}".go ()`);
      await Promise.all(
        children.map((child) => Promise.race([child.printed("got it"), child.printed("refused:")])),
      );
      const winners = children.filter((child) => child.output().includes("got it"));
      expect(winners).toHaveLength(1);
      for (const child of children) {
        if (child !== winners[0]) expect(child.output()).toContain(`by process ${winners[0]?.pid} on host`);
      }
      await runSql(url, `DROP TABLE "${schema}".go`);
      await Promise.all(children.map((child) => child.kill()));
    }
    await race(8);
    // The one that had it is dead now, and its lease is not over.
    await race(2);
  }, 120_000);
});
