/**
 * A Postgres server of the tests' own: real binaries found on this machine, a new cluster in a temporary
 * folder, a free port on loopback, gone afterwards. Started by the global setup; not for use in a test.
 */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, chown, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";

const run = promisify(execFile);
const startTimeoutMs = 30_000;

export interface TestServer {
  /** A superuser's URL. */
  readonly url: string;
  readonly version: string;
  /**
   * Stops the server, in Postgres's mode of that name, and starts it again after `downMs`. Resolves when it takes
   * connections again.
   */
  restart(mode: "fast" | "immediate", downMs: number): Promise<void>;
  /** Starts it again when it has gone down by itself. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs the server, restarts it for each line on stdin (a signal, and seconds to stay down), and ends it when stdin
 * closes: so it goes with this process, however that ends.
 */
const keeper = `
trap "" INT TERM HUP
folder=$0
start() { "$@" 2>>"$folder/log" & server=$!; }
start "$@"
while read -r signal seconds; do
  kill -"$signal" $server; wait $server; sleep "$seconds"; start "$@"
done
kill -INT $server; wait $server; rm -rf "$folder"`;

export interface ServerOptions {
  /** Where its data live, in a folder of their own. The server's user must be able to go there. Default: the machine's for temporary files. */
  readonly folder?: string;
  /** Off where nothing is measured and no server dies: set-up then takes half as long. Default on. */
  readonly fsync?: boolean;
}

/** Undefined when this machine has no Postgres binaries. */
export async function startPostgresServer({
  folder = tmpdir(),
  fsync = true,
}: ServerOptions = {}): Promise<TestServer | undefined> {
  const bin = await findBinaries();
  if (bin === undefined) return undefined;
  const user = await unprivileged();
  const home = await mkdtemp(join(folder, "faultline-postgres-"));
  if (user !== undefined) await chown(home, user.uid, user.gid);
  const options = { ...user, cwd: home, env: { ...process.env, LC_ALL: "C" } };

  const password = randomBytes(12).toString("hex");
  const data = join(home, "data");
  await writeFile(join(home, "password"), password);
  await run(
    join(bin, "initdb"),
    ["-D", data, "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"].concat(
      `--pwfile=${join(home, "password")}`,
    ),
    options,
  );

  const port = await freePort();
  const settings = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    `port=${port}`,
    "max_connections=200",
    `fsync=${fsync ? "on" : "off"}`,
  ];
  const server = spawn(
    "/bin/sh",
    [
      "-c",
      keeper,
      home,
      join(bin, "postgres"),
      "-D",
      data,
      ...settings.flatMap((setting) => ["-c", setting]),
    ],
    { ...options, stdio: ["pipe", "ignore", "ignore"] },
  );
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  const restart = async (mode: "fast" | "immediate", downMs: number) => {
    const { startedAt } = await untilReady(url);
    server.stdin?.write(`${mode === "fast" ? "INT" : "QUIT"} ${downMs / 1000}\n`);
    await untilReady(url, startedAt);
  };
  const revive = async () => {
    server.stdin?.write("INT 0\n");
    await untilReady(url);
  };
  const stop = async () => {
    server.stdin?.end();
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  try {
    const { version } = await untilReady(url);
    return { url, version, restart, revive, stop };
  } catch (error) {
    const log = await readFile(join(home, "log"), "utf8").catch(() => "no log");
    await stop();
    throw new Error(`The tests' Postgres did not start. Its log:\n${log}`, { cause: error });
  }
}

async function findBinaries(): Promise<string | undefined> {
  const configured = await run("pg_config", ["--bindir"]).then(
    ({ stdout }) => [stdout.trim()],
    () => [],
  );
  const versions = async (root: string) => {
    const names = await readdir(root).catch(() => []);
    return names.sort((a, b) => Number(b) - Number(a)).map((name) => join(root, name, "bin"));
  };
  const candidates = [
    ...(process.env.PATH ?? "").split(delimiter),
    ...configured,
    ...(await versions("/usr/lib/postgresql")), // Debian, Ubuntu
    "/usr/pgsql/bin",
    "/opt/homebrew/bin",
    ...[18, 17, 16, 15, 14].flatMap((version) => [
      `/usr/pgsql-${version}/bin`, // Fedora, RHEL
      `/opt/homebrew/opt/postgresql@${version}/bin`,
      `/usr/local/opt/postgresql@${version}/bin`,
      `/Applications/Postgres.app/Contents/Versions/${version}/bin`,
    ]),
  ];
  for (const folder of candidates) {
    const files = ["initdb", "postgres"].map((name) => access(join(folder, name), constants.X_OK));
    const both = await Promise.all(files).then(
      () => true,
      () => false,
    );
    if (folder !== "" && both) return folder;
  }
  return undefined;
}

/** Postgres refuses to run as root, so root runs it as someone else. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    try {
      const [uid, gid] = await Promise.all([run("id", ["-u", name]), run("id", ["-g", name])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // No such user: try the next.
    }
  }
  throw new Error("Postgres does not run as root, and there is no user postgres or nobody to run it as.");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** @param known - One that does not count, since it is the one that is to go. */
async function untilReady(url: string, known?: string): Promise<{ version: string; startedAt: string }> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {}); // The query in flight rejects with the same error.
    try {
      await client.connect();
      const { rows } = await client.query<{ version: string; startedAt: string }>(
        `SELECT current_setting('server_version') AS version, pg_postmaster_start_time()::text AS "startedAt"`,
      );
      const [server] = rows;
      if (server !== undefined && server.startedAt !== known) return server;
      throw new Error(`Postgres is still the one that started at ${known}`);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => {});
    }
  }
}
