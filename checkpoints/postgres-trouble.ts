/**
 * Turns what goes wrong between here and a Postgres server into one line a person can act on.
 *
 * Used by `openPostgres` only. Decides from error codes, never from prose, and never shows a password.
 */
import pg from "pg";
import { StartUpError } from "./start-up-error.ts";

export interface ServerAddress {
  readonly user: string;
  readonly database: string;
  /** `user@host:port/database`, fit to be shown. */
  readonly where: string;
}

/**
 * Reads who and where from a URL, by node-postgres's own rules.
 *
 * @throws StartUpError when it is no postgres URL. The value is not shown: it may hold a password.
 */
export function parseDatabaseUrl(databaseUrl: string): ServerAddress {
  const mend =
    "Write it as postgres://user:password@host:5432/database, or unset it to use the embedded database.";
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/.exec(databaseUrl) ?? [];
  if (rest === undefined) throw new StartUpError(`DATABASE_URL does not begin with postgres://. ${mend}`);
  // A password's own /, ? or # would end the host early, and what follows be shown as the database's name.
  const client = /#|[/?].*@/.test(rest) ? undefined : clientOf(databaseUrl);
  if (client === undefined) {
    throw new StartUpError(
      "DATABASE_URL cannot be read as a URL. Percent-encode what is special in the password " +
        `(/ as %2F, ? as %3F, # as %23, @ as %40). ${mend}`,
    );
  }
  const { user = "", host, port, database = "" } = client;
  return { user, database, where: `${user}@${host}:${port}/${database}` };
}

function clientOf(databaseUrl: string): pg.Client | undefined {
  try {
    return new pg.Client({ connectionString: databaseUrl });
  } catch {
    return undefined; // The parser's error may quote the URL, so it is not kept.
  }
}

const mends: Record<string, (address: ServerAddress) => string> = {
  ECONNREFUSED: () => "nothing listens there. Start the server, or correct host and port in DATABASE_URL",
  ENOTFOUND: () => "no such host. Correct the host in DATABASE_URL",
  EAI_AGAIN: () => "the host's name cannot be looked up now. Check the network and the host in DATABASE_URL",
  ENOENT: () => "no such socket. Correct the host in DATABASE_URL, or start the server",
  ECONNRESET: () => "the server closed the connection. Check that it is a Postgres and that it is up",
  "28P01": () => "the password was refused. Correct user and password in DATABASE_URL",
  "28000": ({ user }) =>
    `the server does not let "${user}" in from here. Correct the user, or the server's pg_hba.conf`,
  "3D000": ({ database }) => `there is no database "${database}". Create it: createdb ${database}`,
  "53300": () => "the server has no connection left. Raise its max_connections, or close other clients",
  "57P03": () => "the server is starting up or shutting down. Try again shortly",
  "42501": ({ user, database }) =>
    `"${user}" may not set up its tables. As the owner, run: GRANT CREATE ON DATABASE "${database}" TO "${user}"`,
  "25006": () => "the database is read-only, so the tables cannot be set up. Connect to the primary server",
  "53100": () => "the server's disk is full. Free space on it",
};

/** The StartUpError for a code that is known; undefined for any other error, which may be a defect. */
export function knownTrouble(error: unknown, address: ServerAddress): StartUpError | undefined {
  const mend = mends[codeOf(error) ?? ""];
  return mend && new StartUpError(`Postgres at ${address.where}: ${mend(address)}.`, { cause: error });
}

/** The StartUpError for a connection that failed, for whatever reason. */
export function connectionTrouble(error: unknown, address: ServerAddress): StartUpError {
  const text = error instanceof Error ? error.message : String(error);
  return (
    knownTrouble(error, address) ??
    new StartUpError(
      `Postgres at ${address.where}: ${text || "no connection"}. Check DATABASE_URL and the server's log.`,
      { cause: error },
    )
  );
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
