/** Errors from Postgres, by SQLSTATE (PostgreSQL documentation, appendix A), and from node-postgres itself. */
import { namesOf, readText } from "../read.ts";
import type { Rule } from "../verdict.ts";

/** States that the same statement can leave behind when tried again in a new transaction. */
const transientStates: Readonly<Record<string, string>> = {
  "08000": "connection exception",
  "08001": "the client could not connect",
  "08003": "the connection does not exist",
  "08004": "the server rejected the connection",
  "08006": "connection failure",
  "08007": "the connection broke during commit: whether it was made is unknown",
  "08P01": "protocol violation; PgBouncer gives it to a full pool, a long queue and a server it lost",
  "25P03": "idle in a transaction for too long, the session is gone",
  "40001": "serialization failure",
  "40003": "whether the statement was completed is unknown",
  "40P01": "deadlock",
  "53200": "out of memory",
  "53300": "too many connections",
  "55P03": "a lock was not available",
  "57014": "the statement was cancelled, by statement_timeout or an administrator",
  "57P01": "an administrator shuts the server down",
  "57P02": "the server crashed",
  "57P03": "the server starts up or shuts down",
  "57P05": "idle for too long, the session is gone",
};

/**
 * node-postgres 8 gives these no code, no class and no name of their own. They are matched whole, as constants of
 * that library, and only on a plain Error: the one place where a message decides.
 */
const nodePostgresMessages: ReadonlySet<string> = new Set([
  "Client has encountered a connection error and is not queryable",
  "Connection terminated due to connection timeout",
  "Connection terminated unexpectedly",
  "Connection terminated",
  "Query read timeout",
  "timeout exceeded when trying to connect",
  "timeout expired",
]);

/** Unexpected: every other state, such as 23505 (unique violation) and 42P01 (undefined table). */
export const postgresRule: Rule = (thrown) => {
  const state = sqlState(thrown);
  if (state !== undefined) {
    return {
      category: state in transientStates ? "transient" : "unexpected",
      code: `pg_${state.toLowerCase()}`,
    };
  }
  const isPlain = namesOf(thrown).every((name) => name === "Error");
  if (isPlain && nodePostgresMessages.has(readText(thrown, "message") ?? "")) {
    return { category: "transient", code: "pg_connection_lost" };
  }
  return undefined;
};

/** Node's EPIPE has the form of an SQLSTATE too; hence a digit in front, or a severity, which Postgres always sends. */
function sqlState(thrown: unknown): string | undefined {
  const code = readText(thrown, "code");
  if (code === undefined || !/^[0-9A-Z]{5}$/.test(code)) return undefined;
  return /^\d/.test(code) || readText(thrown, "severity") !== undefined ? code : undefined;
}
