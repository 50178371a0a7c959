/** Runs every public retail ticket through the whole desk and sorts the ends. For the test beside it and for the bench. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import pLimit from "p-limit";
import type { DeskContext } from "#graphs/order-desk/context.ts";
import { type Desk, type DeskOptions, deskOn } from "#graphs/order-desk/desk.ts";
import type { TicketReport } from "#graphs/order-desk/report.ts";
import { type OpenResources, openResources } from "#graphs/order-desk/resources.ts";
import { readTickets, type Ticket } from "#graphs/order-desk/tickets.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** The public tickets are not part of the project; they lie beside it or where TAU_BENCH_DIR says. */
export const retailDir = process.env.TAU_BENCH_DIR ?? join(root, "../shared/tau-bench-retail");
export const retailIsThere = existsSync(join(retailDir, "tasks.json"));

/** Tickets at work at the same time. More does not help: one process has one core for Node. */
const CONCURRENCY = 16;

export interface TicketEnd {
  readonly id: string;
  /** The records against those expected: the same, as they began, or neither. */
  readonly records: "expected" | "unchanged" | "wrong";
  readonly report: TicketReport;
  readonly ms: number;
}

/** @param options - As for the desk; the shop is the public one. Questions for approval are answered yes, others stay open. */
export async function runRetail(
  options: Pick<DeskOptions, "faults" | "seed"> & {
    databaseUrl?: string;
    dataDir?: string;
    schema: string;
    scripted: boolean;
    /** Default: the desk's own. */
    context?: DeskContext;
    /** Replaces parts that the nodes work with, to break one on purpose. */
    mend?: (resources: OpenResources) => OpenResources;
  },
): Promise<{ ends: TicketEnd[]; doubled: number; lost: number; moneyBalanced: boolean }> {
  const tickets = await readTickets(join(retailDir, "tasks.json"));
  const { scripted, context = {}, mend = (resources) => resources, ...rest } = options;
  const model = scripted ? { script: tickets } : ("rules" as const);
  const resources = mend(await openResources({ ...rest, shopDir: retailDir, model }));
  const desk = deskOn(resources, () => Promise.resolve(resources));
  try {
    const expected = expectedEnds();
    const limit = pLimit(CONCURRENCY);
    const ends = await Promise.all(
      tickets.map((ticket) => limit(() => end(desk, ticket, context, expected.get(String(ticket.id))))),
    );
    const { doubled, lost, unclaimed, moneyBalanced } = await desk.proof(ends.map(({ id }) => id));
    return { ends, doubled: doubled.length, lost: lost.length + unclaimed.length, moneyBalanced };
  } finally {
    await desk.close();
  }
}

async function end(desk: Desk, ticket: Ticket, context: DeskContext, expected: unknown): Promise<TicketEnd> {
  const started = performance.now();
  const thread = String(ticket.id);
  let run = await desk.start(thread, { message: ticket.instruction }, { context });
  while (run.status === "paused") {
    const approvals = run.questions.filter(({ question }) => question.options?.includes("yes"));
    if (approvals.length === 0) break;
    const yes = Object.fromEntries(approvals.map(({ id }) => [id, "yes"]));
    run = await desk.answer(thread, yes, { context });
  }
  const report = await desk.report(thread);
  return {
    id: thread,
    records: recordsOf(report, expected),
    report,
    ms: performance.now() - started,
  };
}

export function recordsOf({ changed }: TicketReport, expected: unknown): TicketEnd["records"] {
  if (isDeepStrictEqual(changed, expected)) return "expected";
  return Object.keys(changed).length === 0 ? "unchanged" : "wrong";
}

/** Read here alone, by the judge: nothing that runs a ticket has seen it. */
export function expectedEnds(): Map<string, unknown> {
  const tasks = JSON.parse(readFileSync(join(retailDir, "tasks.json"), "utf8")) as {
    id: number;
    expected: unknown;
  }[];
  return new Map(tasks.map(({ id, expected }) => [String(id), expected]));
}
