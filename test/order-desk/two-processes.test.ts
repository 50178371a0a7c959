/** Two processes and one thread: held, frozen, killed, drained. Real ones, on a real Postgres. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openPersistence, type Persistence } from "#checkpoints/index.ts";
import { deskOn } from "#graphs/order-desk/desk.ts";
import { ownShopDir, resourcesOn } from "#graphs/order-desk/resources.ts";
import { startServices } from "#graphs/order-desk/services/services.ts";
import { readShop } from "#graphs/order-desk/shop/load-shop.ts";
import { type Child, startChild } from "../support/child-process.ts";
import { describePostgres, freshSchema, runSql } from "../support/database.ts";
import { calm, ownTicket } from "./desk/test-desk.ts";
import type { ThreadEnd, ThreadRun } from "./processes/run-thread.ts";

const main = "graphs/order-desk/cli/main.ts";
const plainly = { FORCE_COLOR: "0", NODE_NO_WARNINGS: "1", OPENAI_API_KEY: "" };
const slow = 120_000;

describePostgres("two processes on one thread", (url) => {
  const schema = freshSchema();
  let persistence: Persistence;
  beforeAll(async () => {
    persistence = await openPersistence({ databaseUrl: url, schema });
  });
  afterAll(async () => {
    await persistence.close();
    await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);
  });

  const cli = (...words: string[]) =>
    startChild(main, [...words, "--schema", schema, "--model", "rules"], { ...plainly, DATABASE_URL: url });

  async function ended(child: Child): Promise<{ code: number | null; output: string }> {
    return { code: await child.ended, output: child.output() };
  }

  /**
   * A ticket whose process sits in its refund: the request has arrived, and gets no answer before the gate is open.
   * The services outlive the process, as any shop's do.
   */
  async function inItsRefund(thread: string, leaseMs: number) {
    const services = await startServices(persistence.pool, schema, { seed: 1 });
    const gate = await startGate(services.paymentUrl);
    onTestFinished(async () => {
      gate.open();
      await gate.close();
      await services.close();
    });
    const place = { databaseUrl: url, schema, thread, leaseMs };
    const run = (more: Partial<ThreadRun>) => {
      const urls = { paymentUrl: gate.url, mailUrl: services.mailUrl };
      const order: ThreadRun = { ...place, services: urls, ...more };
      return startChild("test/order-desk/processes/run-thread.ts", [JSON.stringify(order)], plainly);
    };
    const { instruction: message } = await ownTicket("cancel");
    const first = run({ message });
    await Promise.race([gate.reached, first.ended]);
    return { first, gate, goOn: () => run({}) };
  }

  /** All that can be counted of the thread: its claims, transfers, mails and checkpoints, and the proof over them. */
  async function standing(thread: string) {
    // The persistence outlives this desk.
    const kept = { ...persistence, close: async () => {} };
    const resources = await resourcesOn(kept, await readShop(ownShopDir), calm);
    const desk = deskOn(resources, async () => resources);
    onTestFinished(() => desk.close());
    const { doubled, lost, unclaimed, moneyBalanced, effects } = await desk.proof([thread]);
    const rows = async (table: string, columns: string, by = "thread") =>
      (
        await persistence.pool.query(
          `SELECT ${columns} FROM "${schema}".${table} WHERE ${by} = $1 ORDER BY 1, 2`,
          [thread],
        )
      ).rows;
    return {
      proof: { doubled, lost, unclaimed, moneyBalanced },
      effects,
      outcome: (await desk.report(thread)).outcome,
      claims: await rows("effects", "key, status, attempts"),
      transfers: await rows("payment_transfers", "number, key, cancelled_at"),
      mails: await rows("mail_messages", "number, key"),
      checkpoints: await rows("checkpoints", "checkpoint_ns, checkpoint_id", "thread_id"),
      writes: await rows("checkpoint_writes", "checkpoint_id, task_id, idx, channel", "thread_id"),
    };
  }
  const sound = { doubled: [], lost: [], unclaimed: [], moneyBalanced: true };
  const done = { proof: sound, effects: 3, outcome: "resolved" };

  const endOf = async (child: Child): Promise<ThreadEnd> => {
    const { output } = await ended(child);
    return JSON.parse(output);
  };

  test(
    "the second is refused in one line that names the first, which goes on undisturbed",
    async () => {
      const { first, gate } = await inItsRefund("held", 30_000);
      const { code, output } = await ended(cli("resume", "held"));
      expect(code, output).toBe(2);
      expect(output).toContain(`Thread held is being run by process ${first.pid} on host `);
      expect(output).toContain("or stop that process");
      expect(output).not.toMatch(/\n\s+at /);
      gate.open();
      expect(await endOf(first)).toEqual({ status: "finished" });
      expect(await standing("held")).toMatchObject(done);
    },
    slow,
  );

  test(
    "one that was frozen past its lease makes no further effect and no checkpoint, and says why it ends",
    async () => {
      const { first, gate, goOn } = await inItsRefund("frozen", 1_000);
      process.kill(first.pid, "SIGSTOP");
      gate.open();
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(await endOf(goOn())).toEqual({ status: "finished" });
      const before = await standing("frozen");
      expect(before).toMatchObject(done);

      process.kill(first.pid, "SIGCONT");
      const { status, error } = await endOf(first);
      expect(status).toBe("stopped");
      expect(error).toContain("The lease on thread frozen was lost");
      expect(await standing("frozen")).toEqual(before);
    },
    slow,
  );

  test(
    "one that was killed is not waited for",
    async () => {
      const { first, gate, goOn } = await inItsRefund("killed", 600_000);
      await first.kill();
      gate.open();
      expect(await endOf(goOn())).toEqual({ status: "finished" });
      expect(await standing("killed")).toMatchObject(done);
    },
    slow,
  );

  test(
    "one that gets SIGTERM ends after its step and frees the thread, and another finishes it",
    async () => {
      const first = cli("--thread", "drained");
      await first.printed("thread drained-cancel");
      process.kill(first.pid, "SIGTERM");
      const stopped = await ended(first);
      expect(stopped.code, stopped.output).toBe(130);
      expect(stopped.output).toContain("1 stopped, 12 not begun");
      const { rows } = await persistence.pool.query(
        `SELECT holder FROM "${schema}".leases WHERE thread LIKE 'drained%' AND expires_at > clock_timestamp()`,
      );
      expect(rows).toEqual([]);

      const resumed = await ended(cli("resume", "drained-cancel"));
      expect(resumed.code, resumed.output).toBe(0);
      expect(resumed.output).toContain("└ resolved");
      expect(await standing("drained-cancel")).toMatchObject(done);
    },
    slow,
  );
});

/** A proxy that holds every POST until it is opened. */
async function startGate(target: string) {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const server = createServer(async (request, response) => {
    const { method = "", headers, url: path = "" } = request;
    const body = Buffer.concat(await request.toArray());
    reach();
    await opened;
    const answer = await fetch(`${target}${path}`, {
      method,
      headers: Object.fromEntries(
        Object.entries(headers).filter(([name]) => name.startsWith("x-") || name === "idempotency-key"),
      ) as Record<string, string>,
      ...(body.length === 0 ? {} : { body }),
    });
    response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    reached,
    open,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
