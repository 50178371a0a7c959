/** node-postgres's own errors, made by servers that break, and the table of SQLSTATEs. */

import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { describePostgres } from "../support/database.ts";
import { closedPort } from "./broken-server.ts";
import { thrownBy, verdictOf } from "./thrown-by.ts";

function databaseError(code: string): pg.DatabaseError {
  const error = new pg.DatabaseError("it failed", 0, "error");
  error.code = code;
  error.severity = "ERROR";
  return error;
}

test.each([
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
  "08007",
  "08P01",
  "25P03",
  "40001",
  "40003",
  "40P01",
  "53200",
  "53300",
  "55P03",
  "57014",
  "57P01",
  "57P02",
  "57P03",
  "57P05",
])("SQLSTATE %s is transient", (state) => {
  expect(verdictOf(databaseError(state))).toBe(`transient pg_${state.toLowerCase()}`);
});

test.each(["22P02", "23505", "23514", "25006", "28P01", "42601", "42P01", "53100", "P0001", "XX000"])(
  "SQLSTATE %s is not repaired by a retry",
  (state) => {
    expect(verdictOf(databaseError(state))).toBe(`unexpected pg_${state.toLowerCase()}`);
  },
);

test("an SQLSTATE on anything else, such as another driver's error, counts as well", () => {
  expect(verdictOf({ code: "40001" })).toBe("transient pg_40001");
  expect(verdictOf(Object.assign(new Error("no"), { code: "23505" }))).toBe("unexpected pg_23505");
});

test("EPIPE has the form of an SQLSTATE and is none", () => {
  expect(verdictOf(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }))).toBe("transient epipe");
  expect(verdictOf(Object.assign(new Error("no"), { code: "EXDEV" }))).toBe("unexpected bug");
});

test("a bug that only quotes node-postgres's sentence is still a bug", () => {
  expect(verdictOf(new TypeError("Connection terminated unexpectedly"))).toBe("unexpected bug");
  expect(verdictOf(new Error("the log says: Connection terminated unexpectedly"))).toBe("unexpected bug");
});

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function tcpServer(onSocket: (socket: Socket) => void): Promise<pg.ClientConfig> {
  const server = createServer(onSocket);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port, user: "u", database: "d" };
}

test("a server that hangs up while node-postgres connects is transient", async () => {
  const client = new pg.Client(await tcpServer((socket) => socket.once("data", () => socket.end())));
  expect(verdictOf(await thrownBy(() => client.connect()))).toBe("transient pg_connection_lost");
});

test("a server that never answers is transient, from a client and from a pool", async () => {
  const config = {
    ...(await tcpServer((socket) => socket.on("data", () => {}))),
    connectionTimeoutMillis: 20,
  };
  const pool = new pg.Pool(config);
  expect(verdictOf(await thrownBy(() => new pg.Client(config).connect()))).toBe(
    "transient pg_connection_lost",
  );
  expect(verdictOf(await thrownBy(() => pool.connect()))).toBe("transient pg_connection_lost");
  await pool.end();
});

test("a server that is not there is transient", async () => {
  const client = new pg.Client({ host: "127.0.0.1", port: await closedPort(), user: "u", database: "d" });
  expect(verdictOf(await thrownBy(() => client.connect()))).toBe("transient econnrefused");
});

describePostgres("errors of a real server", (url) => {
  async function withPool(config: pg.PoolConfig, work: (pool: pg.Pool) => Promise<void>): Promise<void> {
    const pool = new pg.Pool({ connectionString: url, ...config });
    pool.on("connect", (client) => client.on("error", () => {}));
    pool.on("error", () => {});
    try {
      await work(pool);
    } finally {
      await pool.end();
    }
  }

  test("wrong statements are bugs, a statement that took too long is transient", () =>
    withPool({ max: 1 }, async (pool) => {
      const verdict = async (sql: string) => verdictOf(await thrownBy(() => pool.query(sql)));
      expect(await verdict("SELECT nothing FROM nowhere")).toBe("unexpected pg_42p01");
      expect(await verdict("SELECT 1/0")).toBe("unexpected pg_22012");
      expect(await verdict("SET statement_timeout = 20; SELECT pg_sleep(10)")).toBe("transient pg_57014");
    }));

  test("a backend that is terminated under a query, and the query after it, are transient", () =>
    withPool({ max: 2 }, async (pool) => {
      const client = await pool.connect();
      const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
      const sleeping = thrownBy(() => client.query("SELECT pg_sleep(10)"));
      const after = thrownBy(() => client.query("SELECT 1"));
      await pool.query("SELECT pg_terminate_backend($1)", [rows[0].pid]);
      expect(verdictOf(await sleeping)).toBe("transient pg_57p01");
      expect(verdictOf(await after)).toBe("transient pg_connection_lost");
      expect(verdictOf(await thrownBy(() => client.query("SELECT 1")))).toBe("transient pg_connection_lost");
      client.release(true);
    }));

  test("a pool that is used up is transient", () =>
    withPool({ max: 1, connectionTimeoutMillis: 300 }, async (pool) => {
      const client = await pool.connect();
      expect(verdictOf(await thrownBy(() => pool.connect()))).toBe("transient pg_connection_lost");
      client.release();
    }));

  test("a deadlock is transient for the one that loses", () =>
    withPool({ max: 2 }, async (pool) => {
      const [a, b] = [await pool.connect(), await pool.connect()];
      for (const client of [a, b]) await client.query("SET deadlock_timeout = '20ms'; BEGIN");
      await a.query("SELECT pg_advisory_xact_lock(71, 1)");
      await b.query("SELECT pg_advisory_xact_lock(71, 2)");
      const outcomes = await Promise.allSettled([
        a.query("SELECT pg_advisory_xact_lock(71, 2)"),
        b.query("SELECT pg_advisory_xact_lock(71, 1)"),
      ]);
      const lost = outcomes.filter((outcome) => outcome.status === "rejected");
      expect(lost.map(({ reason }) => verdictOf(reason))).toEqual(["transient pg_40p01"]);
      for (const client of [a, b]) client.release(true);
    }));
});
