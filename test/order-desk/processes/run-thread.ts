/** Runs the thread that argv[2] describes, begun with a message or carried on, and prints how that ended as one line of JSON. */
import { openPersistence } from "#checkpoints/index.ts";
import { deskOn } from "#graphs/order-desk/desk.ts";
import { ownShopDir, resourcesOn } from "#graphs/order-desk/resources.ts";
import type { ServiceUrls } from "#graphs/order-desk/services/services.ts";
import { readShop } from "#graphs/order-desk/shop/load-shop.ts";

export interface ThreadRun {
  readonly databaseUrl: string;
  readonly schema: string;
  readonly thread: string;
  readonly leaseMs: number;
  readonly services: ServiceUrls;
  /** Undefined: go on from where it stands. */
  readonly message?: string;
}

export interface ThreadEnd {
  readonly status: string;
  /** Its name and message. */
  readonly error?: string;
}

const { thread, services, message, ...place }: ThreadRun = JSON.parse(process.argv[2] ?? "");
const conditions = { model: "rules", faults: { model: 0, tool: 0, payment: 0 }, seed: 1, services } as const;
const resources = await resourcesOn(await openPersistence(place), await readShop(ownShopDir), conditions);
const desk = deskOn(resources, async () => resources);
const { status, error } = await (message === undefined
  ? desk.continue(thread)
  : desk.start(thread, { message }));
const end: ThreadEnd = { status, ...(error === undefined ? {} : { error: String(error) }) };
process.stdout.write(`${JSON.stringify(end)}\n`);
await desk.close();
