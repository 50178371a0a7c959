import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { startChild } from "../support/child-process.ts";
import { describePostgres, freshSchema, runSql } from "../support/database.ts";

describePostgres("starting at once", (url) => {
  test("eight processes on a database that none has set up all come up and write", async () => {
    const schema = freshSchema();
    onTestFinished(() => runSql(url, `DROP SCHEMA "${schema}" CASCADE`));
    const children = Array.from({ length: 8 }, () =>
      startChild("test/checkpoints/processes/open-and-close.ts", [schema], { DATABASE_URL: url }),
    );
    await Promise.all(children.map((child) => child.ended));
    expect(children.map((child) => child.output())).toEqual(children.map(() => "done\n"));

    const client = new pg.Client({ connectionString: url });
    await client.connect();
    onTestFinished(() => client.end());
    expect((await client.query(`SELECT FROM "${schema}".effects`)).rowCount).toBe(8);
  }, 120_000);
});
