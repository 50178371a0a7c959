/**
 * The desk as a process of its own, for a driver that kills it. Loads all code and the shop's files, waits for its
 * order, and touches no database before; then works on the tickets that are open, eight at a time. A ticket's old
 * checkpoints go before each answer and when it has ended.
 */
import pLimit from "p-limit";
import { openPersistence, type Persistence, prune } from "#checkpoints/index.ts";
import { type Desk, type DeskRun, deskOn } from "#graphs/order-desk/desk.ts";
import { type DeskConditions, resourcesOn } from "#graphs/order-desk/resources.ts";
import { readShop } from "#graphs/order-desk/shop/load-shop.ts";

export interface Order {
  readonly databaseUrl: string;
  readonly schema: string;
  readonly conditions: Omit<DeskConditions, "model">;
  /** The endpoint that stands in for a model. */
  readonly model: { readonly url: string; readonly name: string };
  /** Those that have not ended, in the order in which to take them up. */
  readonly tickets: readonly { readonly id: string; readonly message: string }[];
  /** Begin no ticket that no earlier process has begun. */
  readonly begunOnly: boolean;
}

export type Report =
  | { readonly kind: "ready" }
  | { readonly kind: "working" }
  /** Finished, paused with a question that nobody here answers, or not to be begun. */
  | { readonly kind: "ended"; readonly ticket: string }
  /** A run that failed though nobody killed it. */
  | { readonly kind: "failed"; readonly ticket: string; readonly error: string };

const CONCURRENCY = 8;

const [shopDir = ""] = process.argv.slice(2);
const shop = await readShop(shopDir);
// However the driver ends, its processes go with it.
process.once("disconnect", () => process.exit(1));
process.once("message", (order) => void work(order as Order).then(() => process.exit(0)));
await say({ kind: "ready" });

async function work(order: Order): Promise<void> {
  const { databaseUrl, schema, conditions, model, tickets, begunOnly } = order;
  // For the desk it is a live model, as any endpoint that outlives it.
  Object.assign(process.env, {
    OPENAI_API_KEY: "none-needed",
    OPENAI_BASE_URL: model.url,
    OPENAI_MODEL: model.name,
  });
  const persistence = await openPersistence({ databaseUrl, schema });
  const resources = await resourcesOn(persistence, shop, { ...conditions, model: "live" });
  const desk = deskOn(resources, () => Promise.resolve(resources));
  await say({ kind: "working" });
  const limit = pLimit(CONCURRENCY);
  await Promise.all(
    tickets.map(({ id, message }) =>
      limit(async () => {
        const run = await workOn(desk, persistence, id, begunOnly ? undefined : message);
        if (run?.status === "failed" || run?.status === "stopped") {
          await say({ kind: "failed", ticket: id, error: textOf(run.error) });
        } else await say({ kind: "ended", ticket: id });
      }),
    ),
  );
  await desk.close();
}

/** @param message - Undefined: do not begin it. */
async function workOn(
  desk: Desk,
  persistence: Persistence,
  ticket: string,
  message: string | undefined,
): Promise<DeskRun | undefined> {
  let run = await desk.look(ticket);
  if (run === undefined && message !== undefined) run = await desk.start(ticket, { message });
  else if (run?.status === "stopped") run = await desk.continue(ticket);
  while (run?.status === "paused") {
    const approvals = run.questions.filter(({ question }) => question.options?.includes("yes"));
    if (approvals.length === 0) break;
    await prune(persistence, { keepLast: 1, thread: ticket });
    run = await desk.answer(ticket, Object.fromEntries(approvals.map(({ id }) => [id, "yes"])));
  }
  await prune(persistence, { keepLast: 1, thread: ticket });
  return run;
}

function say(report: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) throw new Error("desk-child.ts is started by the chaos driver");
    process.send(report, () => resolve());
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
