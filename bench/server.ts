/** The real Postgres that the bench measures on, with what it must say of itself beside any figure. */
import pg from "pg";
import { startPostgresServer } from "../test/support/postgres-server.ts";

export interface BenchServer {
  readonly url: string;
  readonly settings: ServerSettings;
  /** Runs `work` with the name of a schema that nobody has, and drops that afterwards. `work` makes it. */
  withSchema<T>(work: (schema: string) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export interface ServerSettings {
  readonly version: string;
  readonly fsync: string;
  readonly synchronousCommit: string;
}

/**
 * @returns Undefined when this machine has no Postgres binaries.
 * @throws When the server would say "committed" before it is on the disk: its figures would compare nothing.
 */
export async function startBenchServer(): Promise<BenchServer | undefined> {
  const server = await startPostgresServer();
  if (server === undefined) return undefined;
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  // The server may go before the last socket is closed: no figure is lost for that.
  pool.on("error", () => {});
  const stop = async () => {
    await pool.end();
    await server.stop();
  };
  const show = async (name: string) => {
    const { rows } = await pool.query<{ value: string }>("SELECT current_setting($1) AS value", [name]);
    return rows[0]?.value ?? "";
  };
  const fsync = await show("fsync");
  const synchronousCommit = await show("synchronous_commit");
  if (fsync !== "on" || synchronousCommit !== "on") {
    await stop();
    throw new Error(
      `Not durable: fsync is ${fsync} and synchronous_commit ${synchronousCommit}; both must be on.`,
    );
  }
  let schemas = 0;
  return {
    url: server.url,
    settings: { version: server.version.split(" ")[0] ?? "", fsync, synchronousCommit },
    async withSchema(work) {
      const schema = `bench_${schemas++}`;
      try {
        return await work(schema);
      } finally {
        await pool.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
      }
    },
    stop,
  };
}
