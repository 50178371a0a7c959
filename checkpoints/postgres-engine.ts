/**
 * The engine for a real Postgres, 13 or later, named by DATABASE_URL.
 *
 * A lost connection rejects the query that was in flight and no more.
 */
import pg from "pg";
import { drain, type Engine, surviveLostConnections } from "./engine.ts";
import { connectionTrouble, knownTrouble, parseDatabaseUrl, type ServerAddress } from "./postgres-trouble.ts";
import { StartUpError } from "./start-up-error.ts";

const oldestVersion = 130_000;
const connectTimeoutMs = 10_000;
/** Also bounds the wait for a free client, so it must outlast a busy pool's longest transaction. */
const clientTimeoutMs = 60_000;
/** Longer than the pause between two renewals, as a lease is mostly set. */
const renewalIdleMs = 60_000;

/**
 * Opens a pool of ten, and one of one for renewals, on `databaseUrl`, after one connection has shown that the server is there and fit.
 *
 * @throws StartUpError when the URL cannot be parsed, the server refuses, or it is older than Postgres 13.
 */
export async function openPostgres(
  databaseUrl: string,
  onProgress: (line: string) => void,
  onConnectionLost: (error: Error) => void,
): Promise<Engine> {
  const address = parseDatabaseUrl(databaseUrl);
  onProgress(`Connecting to Postgres at ${address.where}`);
  await withClient(databaseUrl, address, checkVersion);

  const pool = new pg.Pool({
    connectionString: databaseUrl,
    connectionTimeoutMillis: clientTimeoutMs,
    keepAlive: true,
    application_name: "faultline",
  });
  const renewals = new pg.Pool({
    connectionString: databaseUrl,
    max: 1,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: connectTimeoutMs, // Else one that hangs would hold up all that follow.
    idleTimeoutMillis: renewalIdleMs,
    keepAlive: true,
    application_name: "faultline leases",
  });
  for (const one of [pool, renewals]) surviveLostConnections(one, onConnectionLost);

  let closing: Promise<void> | undefined;
  return {
    name: "postgres",
    pool,
    renewals,
    apart: (work) => withClient(databaseUrl, address, work),
    close: () => {
      closing ??= Promise.all([drain(pool), drain(renewals)]).then(() => {});
      return closing;
    },
  };

  async function checkVersion(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ number: string; text: string }>(
      "SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS text",
    );
    const version = rows[0];
    if (version === undefined || Number(version.number) < oldestVersion) {
      throw new StartUpError(
        `The server at ${address.where} is Postgres ${version?.text ?? "of unknown version"}: 13 or later is needed. ` +
          "Point DATABASE_URL at a newer server, or unset it to use the embedded one.",
      );
    }
  }
}

/** Runs `work` on a connection of its own, outside the pool, and closes it. */
async function withClient<T>(
  databaseUrl: string,
  address: ServerAddress,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: "faultline set-up",
  });
  client.on("error", () => {}); // The query in flight rejects with the same error.
  try {
    await client.connect().catch((error: unknown) => {
      throw connectionTrouble(error, address);
    });
    return await work(client);
  } catch (error) {
    throw knownTrouble(error, address) ?? error;
  } finally {
    await client.end().catch(() => {});
  }
}
