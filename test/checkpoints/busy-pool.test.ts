/** A process whose connections are all at work still has its threads, and takes new ones. */
import { expect, onTestFinished, test } from "vitest";
import { embeddedEngine } from "#checkpoints/embedded-engine.ts";
import { openPersistence, type Persistence } from "#checkpoints/index.ts";
import { persistenceOn } from "#checkpoints/persistence.ts";
import { describePostgres, freshSchema, runSql } from "../support/database.ts";
import { openPglite } from "../support/pglite-image.ts";

const leaseMs = 600;
const longer = 3 * leaseMs;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes every client of the pool. @returns Gives them back once a lease has lasted. */
async function filled({ pool }: Persistence): Promise<() => Promise<void>> {
  const clients = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
  return async () => {
    await pause(longer);
    for (const client of clients) client.release();
  };
}

async function busy(persistence: Persistence): Promise<void> {
  const free = await filled(persistence);
  await free();
}

/** What the fence says to a thread that does nothing while the pool is busy, and makes an effect after it. */
const quietBeside = ({ leases, ledger }: Persistence, work: () => Promise<unknown>) =>
  leases.hold("quiet", async (signal) => {
    await work();
    signal.throwIfAborted();
    return ledger.claim({ key: "quiet|pay", thread: "quiet", name: "pay", args: null });
  });

const letIn = { status: "run", attempt: 1 };

describePostgres("a pool that is busy for longer than a lease lasts", (url) => {
  async function opened(): Promise<Persistence> {
    const persistence = await openPersistence({ databaseUrl: url, schema: freshSchema(), leaseMs });
    onTestFinished(async () => {
      await persistence.close();
      await runSql(url, `DROP SCHEMA "${persistence.schema}" CASCADE`);
    });
    return persistence;
  }

  test("costs no thread its lease", async () => {
    const persistence = await opened();
    expect(await quietBeside(persistence, () => busy(persistence))).toEqual(letIn);
  });

  test("does not use up a lease that waits for a client to be taken with", async () => {
    const persistence = await opened();
    const free = await filled(persistence);
    const [claim] = await Promise.all([quietBeside(persistence, () => pause(leaseMs / 2)), free()]);
    expect(claim).toEqual(letIn);
  });

  test("costs none when the connection for renewals was lost before it", async () => {
    const persistence = await opened();
    const lost = async () => {
      await pause(leaseMs); // It has renewed by then.
      const { schema } = persistence;
      await runSql(
        url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'faultline leases' AND query LIKE '%"${schema}"%'`,
      );
      await busy(persistence);
    };
    expect(await quietBeside(persistence, lost)).toEqual(letIn);
  });
});

test("in the embedded database an effect longer than a lease costs no thread its lease, and a killed process leaves none", async () => {
  const engine = embeddedEngine(
    await openPglite(),
    () => {},
    async () => {},
  );
  const persistence = await persistenceOn(engine, "here", { leaseMs });
  onTestFinished(persistence.close);
  const effect = { key: "busy|pay", thread: "busy", name: "pay", args: null };
  const paying = () =>
    persistence.ledger.transact(effect, async () => {
      await pause(longer);
      return "paid";
    });
  const beside = () => persistence.leases.hold("busy", paying);
  expect(await quietBeside(persistence, beside)).toEqual(letIn);

  // A release that failed must not keep the thread from this process: nobody else can end its lease.
  const { pool } = persistence;
  await persistence.leases.hold("failed", () => pool.query("ALTER TABLE here.leases RENAME TO away"));
  await pool.query("ALTER TABLE here.away RENAME TO leases");
  expect(await persistence.leases.hold("failed", async () => "ran")).toBe("ran");

  void persistence.leases.hold("killed", () => new Promise(() => {}));
  while (persistence.leases.tokenOf("killed") === undefined) await pause(1);
  await expect(persistence.leases.hold("killed", async () => "ran")).rejects.toThrow("this process");
  const next = await persistenceOn(engine, "here", { leaseMs });
  expect(await next.leases.hold("killed", async () => "ran")).toBe("ran");
}, 60_000);
