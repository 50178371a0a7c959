/**
 * Turns what goes wrong between here and a Postgres server into one line a person can act on.
 *
 * Used by `openPostgres` only. Decides from error codes, never from prose, and never shows a password.
 */
import pg from "pg";
import { isStartUpError, StartUpError } from "./start-up-error.ts";

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
  if (!/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new StartUpError(`DATABASE_URL does not begin with postgres://. ${mend}`);
  }
  try {
    const client = new pg.Client({ connectionString: databaseUrl });
    const { user = "", host, port, database = "" } = client;
    return { user, database, where: `${user}@${host}:${port}/${database}` };
  } catch {
    // The parser's error may quote the URL, so it is not kept as a cause.
    throw new StartUpError(
      `DATABASE_URL cannot be read as a URL (a special character in the password must be percent-encoded). ${mend}`,
    );
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
  "55P03": () => "another process has been setting up the tables for a minute. End it, then start again",
};

/** The StartUpError for a failed connection or set-up; one that already is a StartUpError passes through. */
export function connectionTrouble(error: unknown, address: ServerAddress): StartUpError {
  if (isStartUpError(error)) return error;
  const code = codeOf(error);
  const mend = code === undefined ? undefined : mends[code];
  const text = error instanceof Error ? error.message : String(error);
  const why =
    mend?.(address) ?? `${text || code || "unknown error"}. Check DATABASE_URL and the server's log`;
  return new StartUpError(`Postgres at ${address.where}: ${why}.`, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
