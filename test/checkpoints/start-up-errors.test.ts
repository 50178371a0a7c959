/** What a person sees who gave a bad DATABASE_URL: one line, with a mend, and never the password. */
import { randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { isStartUpError, openPersistence } from "#checkpoints/index.ts";
import { FaultlineSaver } from "#checkpoints/saver.ts";
import { describePostgres, freshSchema, runSql } from "../support/database.ts";

const password = "correct-horse-battery";

/** The message that opening on `databaseUrl` fails with; checks that it is one line without the password. */
async function refusal(databaseUrl: string, schema = "faultline"): Promise<string> {
  const error: unknown = await openPersistence({ databaseUrl, schema }).then(
    () => "opened",
    (reason: unknown) => reason,
  );
  if (!isStartUpError(error)) throw new Error("not a StartUpError", { cause: error });
  expect(error.message).not.toContain("\n");
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(password);
  return error.message;
}

/** A server on loopback that is not what it should be. Its URL. */
function impostor(onConnection: (socket: Socket) => void): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer((socket) => onConnection(socket.on("error", () => {})));
    onTestFinished(() => void server.close());
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" ? address?.port : 0;
      resolve(`postgres://anna:${password}@127.0.0.1:${port}/desk`);
    });
  });
}

test("a saver made by fromConnString is refused, and not quietly LangGraph's own", () => {
  const make = (url: string): unknown => (FaultlineSaver.fromConnString as (url: string) => unknown)(url);
  expect(() => make(`postgres://anna:${password}@localhost/desk`)).toThrow(/^[^\n]*openPersistence[^\n]*$/);
});

describe("a bad DATABASE_URL", () => {
  test.each([
    `mysql://anna:${password}@localhost/desk`,
    `anna:${password}@localhost/desk`,
    `localhost:5432/${password}`,
  ])("of another kind is refused: %#", async (url) => {
    expect(await refusal(url)).toBe(
      "DATABASE_URL does not begin with postgres://. " +
        "Write it as postgres://user:password@host:5432/database, or unset it to use the embedded database.",
    );
  });

  test.each([
    `postgres://anna:#${password}@localhost/desk`,
    `postgres://anna:12/${password}@localhost/desk`,
    `postgres://anna:12?${password}@localhost/desk`,
    `postgres://anna:${password}@localhost:port/desk`,
  ])("that is no URL is refused: %#", async (url) => {
    expect(await refusal(url)).toContain("DATABASE_URL cannot be read as a URL");
  });

  test("naming a port where nothing listens says so", async () => {
    expect(await refusal(`postgres://anna:${password}@localhost:1/desk`)).toBe(
      "Postgres at anna@localhost:1/desk: nothing listens there. " +
        "Start the server, or correct host and port in DATABASE_URL.",
    );
  });

  test("naming no host says so", async () => {
    const message = await refusal(`postgres://anna:${password}@nowhere.invalid/desk`);
    expect(message).toContain("Postgres at anna@nowhere.invalid:5432/desk: ");
    expect(message).toMatch(/no such host|cannot be looked up/);
  });

  test("naming a socket that is not there says so", async () => {
    const message = await refusal(`postgres://anna:${password}@/desk?host=/nowhere`);
    expect(message).toContain("Postgres at anna@/nowhere:5432/desk: no such socket");
  });

  test("naming a server of another kind says who closed the connection", async () => {
    const url = await impostor((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect(await refusal(url)).toMatch(/Connection terminated unexpectedly|closed the connection/);
  });

  test("naming a Postgres older than 13 says its version", async () => {
    const url = await impostor((socket) => {
      socket.once("data", () => {
        socket.write(reply("R", int32(0)), () => {});
        socket.write(reply("Z", Buffer.from("I")));
        socket.once("data", () => {
          socket.write(reply("T", Buffer.concat([int16(2), column("number"), column("text")])));
          socket.write(reply("D", Buffer.concat([int16(2), field("120022"), field("12.22")])));
          socket.write(reply("C", Buffer.from("SELECT 1\0")));
          socket.write(reply("Z", Buffer.from("I")));
        });
      });
    });
    expect(await refusal(url)).toMatch(/^The server at anna@.* is Postgres 12.22: 13 or later is needed\. /);
  });

  test("is not reached when the schema's name could break out of its quotes", async () => {
    expect(await refusal("", 'a"b')).toContain('The schema name "a\\"b" cannot be used');
  });
});

describePostgres("a Postgres that does not let us in", (url) => {
  const change = (parts: { username?: string; password?: string; pathname?: string }) =>
    Object.assign(new URL(url), parts).href;

  test("for a wrong password says so", async () => {
    expect(await refusal(change({ password }))).toContain("the password was refused");
  });

  test("for a database that is not there says how to make it", async () => {
    expect(await refusal(change({ pathname: "/nothing" }))).toContain(
      'there is no database "nothing". Create it: createdb nothing.',
    );
  });

  test("to make a schema says which right is missing", async () => {
    const role = `role_${randomBytes(6).toString("hex")}`;
    await runSql(url, `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    onTestFinished(() => runSql(url, `DROP ROLE ${role}`));
    const message = await refusal(change({ username: role, password }), freshSchema());
    expect(message).toContain(`As the owner, run: GRANT CREATE ON DATABASE "postgres" TO "${role}".`);
  });
});

// As much of the server's side of the protocol as the one query about its version needs.
const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number) => Buffer.concat([int16(value >> 16), int16(value & 65_535)]);
const reply = (type: string, body: Buffer) =>
  Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
const field = (text: string) => Buffer.concat([int32(text.length), Buffer.from(text)]);
const column = (name: string) =>
  Buffer.concat([
    Buffer.from(`${name}\0`),
    int32(0),
    int16(0),
    int32(25),
    int16(65_535),
    int32(65_535),
    int16(0),
  ]);
