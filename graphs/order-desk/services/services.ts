/**
 * Starts what the desk reaches over the network in a real shop: payment and mail, on loopback, with faults of their
 * own. A fork points the two clients at its own services instead.
 */
import type pg from "pg";
import type { Scene } from "../scene.ts";
import { faultPlan } from "./fault-plan.ts";
import { startMailService } from "./mail-service.ts";
import { startPaymentService } from "./payment-service.ts";
import { createServiceTables } from "./tables.ts";

export interface ServiceUrls {
  readonly paymentUrl: string;
  readonly mailUrl: string;
}

export interface Services extends ServiceUrls {
  /** What goes wrong on a thread from now on; `{}` ends it. */
  scene(thread: string, scene: Scene): void;
  /** Waits for the requests in work. The pool stays open. */
  close(): Promise<void>;
}

/** Services that run elsewhere: nothing here stops them, and a scene does not reach them. */
export function servicesAt(urls: ServiceUrls): Services {
  return { ...urls, scene: () => {}, close: async () => {} };
}

export interface ServiceOptions {
  /** The share of requests that go wrong, 0 to 1. Default 0. */
  faults?: { payment?: number; mail?: number };
  /** The same seed gives the same faults on the same threads. */
  seed: number;
}

/**
 * @param pool - The persistence's. A handler holds a client for one short transaction and never while it waits.
 * @param schema - One that exists.
 * @throws RangeError for a rate outside 0 to 1.
 */
export async function startServices(
  pool: pg.Pool,
  schema: string,
  { faults = {}, seed }: ServiceOptions,
): Promise<Services> {
  const paymentPlan = faultPlan({ service: "payment", rate: faults.payment ?? 0, seed });
  const mailPlan = faultPlan({ service: "mail", rate: faults.mail ?? 0, seed });
  const tables = await createServiceTables(pool, schema);
  const payment = await startPaymentService(pool, tables, paymentPlan);
  const mail = await startMailService(pool, tables, mailPlan);
  return {
    paymentUrl: payment.url,
    mailUrl: mail.url,
    scene(thread, scene) {
      paymentPlan.scene(thread, scene.payment ?? {});
      mailPlan.scene(thread, scene.mail ?? {});
    },
    async close() {
      await Promise.all([payment.close(), mail.close()]);
    },
  };
}
