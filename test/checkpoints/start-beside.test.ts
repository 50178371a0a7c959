/** Starts beside processes that run: what a start must not hold up, and what it says when it may not go on. */
import { randomBytes } from "node:crypto";
import { emptyCheckpoint } from "@langchain/langgraph-checkpoint";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import pg from "pg";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { openPersistence } from "#checkpoints/index.ts";
import { describePostgres, freshSchema, runSql } from "../support/database.ts";

describePostgres("a start", (url) => {
  let schema: string;
  beforeEach(({ onTestFinished }) => {
    schema = freshSchema();
    onTestFinished(() => runSql(url, `DROP SCHEMA IF EXISTS "${schema}" CASCADE`));
  });

  const start = async (databaseUrl = url) => (await openPersistence({ databaseUrl, schema })).close();

  async function connected(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }

  /** The stock saver's tables, as a process that runs on them. */
  async function stockRunning(): Promise<PostgresSaver> {
    const saver = PostgresSaver.fromConnString(url, { schema });
    await saver.setup();
    onTestFinished(() => saver.end());
    return saver;
  }

  const waitingStart = () =>
    vi.waitFor(
      async () => {
        const client = await connected();
        const { rowCount } = await client.query(
          `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE "${schema}"%'`,
        );
        expect(rowCount).toBeGreaterThan(0);
      },
      { timeout: 5_000, interval: 20 },
    );

  test("on tables that are up to date waits for no lock on them, and takes none that a run would wait for", async () => {
    await start();
    const holder = await connected();
    const { rows } = await holder.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1`,
      [schema],
    );
    const read = rows.filter(({ name }) => /checkpoint_(format|migrations)$/.test(name));
    const others = rows.filter(({ name }) => !read.some((one) => one.name === name));
    const names = (some: typeof rows) => some.map(({ name }) => name).join(", ");
    expect([read.length, others.length]).toEqual([2, 7]);
    await holder.query("BEGIN");
    await holder.query(`LOCK TABLE ${names(others)} IN ACCESS EXCLUSIVE MODE`);
    await holder.query(`LOCK TABLE ${names(read)} IN EXCLUSIVE MODE`); // Lets in ACCESS SHARE alone.
    await start();
  });

  test("that has to add columns lets runs go on while a backup keeps it waiting, and ends after it", async () => {
    const saver = await stockRunning();
    const backup = await connected();
    await backup.query(`BEGIN; SELECT count(*) FROM "${schema}".checkpoint_blobs, "${schema}".checkpoints`);
    const started = start();
    await waitingStart();
    for (const thread_id of ["1", "2", "3"]) {
      await saver.put(
        { configurable: { thread_id, checkpoint_ns: "" } },
        { ...emptyCheckpoint(), channel_values: { log: ["x"] } },
        { source: "loop", step: 0, parents: {} },
        { log: 1 },
      );
    }
    await backup.query("COMMIT");
    await started;
  });

  test("that has to add columns is no deadlock for a run that locks the tables one after the other", async () => {
    await stockRunning();
    const run = await connected();
    await run.query(`BEGIN; LOCK TABLE "${schema}".checkpoint_writes IN ROW EXCLUSIVE MODE`);
    const started = start();
    await waitingStart();
    for (const table of ["checkpoint_blobs", "checkpoints"])
      await run.query(`LOCK TABLE "${schema}".${table} IN ROW EXCLUSIVE MODE`);
    await run.query("COMMIT");
    await started;
  });

  test("on tables of a later version is refused before it has changed one", async () => {
    await start();
    await runSql(
      url,
      `INSERT INTO "${schema}".checkpoint_format VALUES (99); ALTER TABLE "${schema}".checkpoint_blobs DROP COLUMN digest`,
    );
    await expect(start()).rejects.toThrow("later version of Faultline (99;");
    await expect(runSql(url, `SELECT digest FROM "${schema}".checkpoint_blobs`)).rejects.toThrow("digest");
  });

  /** A role that may use the tables, and owns none of them. */
  async function user(): Promise<{ role: string; databaseUrl: string }> {
    const role = `role_${randomBytes(6).toString("hex")}`;
    const password = randomBytes(12).toString("hex");
    await runSql(
      url,
      `CREATE ROLE ${role} LOGIN PASSWORD '${password}'; GRANT USAGE ON SCHEMA ${schema} TO ${role};
       GRANT ALL ON ALL TABLES IN SCHEMA ${schema} TO ${role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role}`,
    );
    onTestFinished(() => runSql(url, `DROP OWNED BY ${role}; DROP ROLE ${role}`));
    return { role, databaseUrl: Object.assign(new URL(url), { username: role, password }).href };
  }

  test("needs no right but those on the tables where nothing is missing", async () => {
    await start();
    await start((await user()).databaseUrl);
  });

  test("that may not change a table is told whose it is and what to do, not to ask for the database", async () => {
    await start();
    const { role, databaseUrl } = await user();
    await runSql(
      url,
      `GRANT CREATE ON SCHEMA ${schema} TO ${role}; ALTER TABLE ${schema}.checkpoint_blobs DROP COLUMN digest`,
    );
    await expect(start(databaseUrl)).rejects.toThrow(
      `Schema ${schema} lacks checkpoint_blobs.base, checkpoint_blobs.digest, and "${role}" may not add that ` +
        `(must be owner of table checkpoint_blobs): checkpoint_blobs belongs to "postgres". Start this version once as "postgres"`,
    );
    await start();
    await start(databaseUrl);
  });

  test("that may not make a table in the schema, or read one, is told which right to ask for", async () => {
    await start();
    const { role, databaseUrl } = await user();
    await runSql(url, `DROP TABLE ${schema}.breakers`);
    await expect(start(databaseUrl)).rejects.toThrow(
      `GRANT USAGE, CREATE ON SCHEMA "${schema}" TO "${role}"`,
    );
    await runSql(url, `REVOKE SELECT ON ${schema}.checkpoint_format FROM ${role}`);
    await expect(start(databaseUrl)).rejects.toThrow(
      `GRANT ALL ON ALL TABLES IN SCHEMA "${schema}" TO "${role}"`,
    );
  });

  test("in a schema that was made for it needs no right on the database", async () => {
    await runSql(url, `CREATE SCHEMA ${schema}`);
    const { role, databaseUrl } = await user();
    await runSql(url, `GRANT CREATE ON SCHEMA ${schema} TO ${role}`);
    await start(databaseUrl);
    await start(databaseUrl);
  });
});
