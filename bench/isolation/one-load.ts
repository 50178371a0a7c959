/**
 * Two desks at work side by side in one process, on one database: the model's endpoint of the first is healthy or dead, the
 * second has an endpoint of its own. Started by `isolation.ts` with one JSON argument; prints one JSON line.
 */
import { join } from "node:path";
import pLimit from "p-limit";
import { openPersistence } from "#checkpoints/index.ts";
import { type Desk, deskOn } from "#graphs/order-desk/desk.ts";
import { openChatModel, startStandIn } from "#graphs/order-desk/model/index.ts";
import { type OpenResources, resourcesOn } from "#graphs/order-desk/resources.ts";
import { readShop } from "#graphs/order-desk/shop/load-shop.ts";
import { readTickets, type Ticket } from "#graphs/order-desk/tickets.ts";
import { startDeadService } from "../../test/support/dead-service.ts";
import { retailDir } from "../../test/tickets/run-tickets.ts";

export type Setting = "no fault" | "dead, with a fallback" | "dead, without one";

export interface LoadRequest {
  readonly databaseUrl: string;
  readonly schema: string;
  readonly setting: Setting;
  /** Of each desk. */
  readonly tickets: number;
  /** Of each desk. */
  readonly atATime: number;
}

export interface LoadFigures {
  /** Calls that reached the dead endpoint. */
  readonly deadCalls: number;
  /** How the tickets of the first desk ended: at their end, put aside, at another question, or failed. */
  readonly ends: Readonly<Record<"finished" | "parked" | "asked" | "failed", number>>;
  /** ms a ticket, of the second desk. */
  readonly otherMs: readonly number[];
}

const conditions = { model: "rules", faults: { model: 0, tool: 0, payment: 0 }, seed: 1 } as const;

if (process.argv[2] !== undefined) {
  const request = JSON.parse(process.argv[2]) as LoadRequest;
  process.stdout.write(`${JSON.stringify(await load(request))}\n`);
}

async function load({ databaseUrl, schema, setting, tickets, atATime }: LoadRequest): Promise<LoadFigures> {
  const persistence = await openPersistence({ databaseUrl, schema, encryptionKey: "" });
  const shop = await readShop(retailDir);
  const dead = await startDeadService();
  const standIn = await startStandIn({ faultRate: 0, seed: 1 });
  const behind = { apiKey: "none", baseUrl: standIn.url, model: standIn.model };
  const fallback = setting === "dead, with a fallback" ? { fallback: behind } : {};
  const first = await resourcesOn(persistence, shop, { ...conditions, ...fallback });
  const second = await resourcesOn(persistence, shop, conditions);
  const deskOf = (resources: OpenResources): Desk => deskOn(resources, async () => resources);
  const touched = deskOf(
    setting === "no fault"
      ? first
      : { ...first, model: openChatModel({ apiKey: "none", baseUrl: `${dead.url}/v1`, model: "dead" }) },
  );
  const all = (await readTickets(join(retailDir, "tasks.json"))).slice(0, tickets);
  // Before the clock starts: the JIT's and the pools'.
  await work(deskOf(second), all.slice(0, atATime), "warm-up", atATime);

  const [ended, other] = await Promise.all([
    work(touched, all, "touched", atATime),
    work(deskOf(second), all, "other", atATime),
  ]);
  const figures = { deadCalls: dead.calls, ends: countedEnds(ended), otherMs: other.map(({ ms }) => ms) };
  await standIn.close();
  await dead.close();
  await Promise.all([first.close(), second.close()]);
  return figures;
}

interface End {
  readonly end: keyof LoadFigures["ends"];
  readonly ms: number;
}

function work(desk: Desk, tickets: readonly Ticket[], name: string, atATime: number): Promise<End[]> {
  const limit = pLimit(atATime);
  return Promise.all(tickets.map((ticket) => limit(() => worked(desk, ticket, `${name}-${ticket.id}`))));
}

/** Approvals are answered yes, other questions stay open. */
async function worked(desk: Desk, ticket: Ticket, thread: string): Promise<End> {
  const started = performance.now();
  let run = await desk.start(thread, { message: ticket.instruction });
  const approvals = run.questions.filter(({ question }) => question.node === "approval");
  if (approvals.length > 0) {
    run = await desk.answer(thread, Object.fromEntries(approvals.map(({ id }) => [id, "yes"])));
  }
  const ms = performance.now() - started;
  if (run.status === "finished") return { end: "finished", ms };
  if (run.status !== "paused") return { end: "failed", ms };
  return { end: run.questions[0]?.question.node === "park" ? "parked" : "asked", ms };
}

function countedEnds(ends: readonly End[]): LoadFigures["ends"] {
  const counted = { finished: 0, parked: 0, asked: 0, failed: 0 };
  for (const { end } of ends) counted[end] += 1;
  return counted;
}
