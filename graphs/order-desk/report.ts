/**
 * What became of a ticket, read from the database: the thread's state, the records it changed, and each effect
 * counted where it happened (the shop's writes, the payment service's transfers, the mails), not where it was noted.
 */
import type { Category, FaultRecord } from "#src/faults/index.ts";
import type { EffectEntry } from "#src/recovery/index.ts";
import type { DeskRun } from "./desk.ts";
import { balanceOf } from "./money-balance.ts";
import type { OpenResources } from "./resources.ts";
import { serviceTables } from "./services/tables.ts";
import type { ShopChanges } from "./shop/shop.ts";
import { type Tokens, tokensOf } from "./tokens.ts";

export type TicketOutcome = "resolved" | "asked" | "compensated" | "failed";

export interface ReportedFault extends Pick<FaultRecord, "node" | "category" | "code" | "message"> {
  /** "retried", or the node that it was routed to. */
  readonly end: string;
  /** What a person answered, when it was put before one. */
  readonly answer?: string;
}

export interface ReportedEffect {
  readonly key: string;
  readonly name: string;
  /** How often it happened on the other side. Anything but 1 is a defect. */
  readonly timesRun: number;
}

export interface TicketReport {
  readonly thread: string;
  readonly outcome: TicketOutcome;
  /** Every record that differs from the given shop, whole, by table and id. */
  readonly changed: ShopChanges;
  readonly faults: Partial<Record<Category, number>>;
  readonly faultList: readonly ReportedFault[];
  readonly effects: readonly ReportedEffect[];
  readonly tokens: Tokens;
}

export async function reportOf(desk: OpenResources, thread: string, run: DeskRun): Promise<TicketReport> {
  const faultList = (run.state.faults ?? []).map(reported);
  const faults: Partial<Record<Category, number>> = {};
  for (const { category } of faultList) faults[category] = (faults[category] ?? 0) + 1;
  const entries = await desk.persistence.ledger.entries(thread);
  return {
    thread,
    outcome: outcomeOf(run),
    changed: await desk.shop.on(thread).changed(),
    faults,
    faultList,
    effects: (await countedEffects(desk, thread, entries))
      .filter(({ timesRun, done }) => done || timesRun > 0)
      .map(shown),
    tokens: tokensOf(entries),
  };
}

function outcomeOf({ status, state }: DeskRun): TicketOutcome {
  if (status === "paused") return "asked";
  if (status !== "finished" || state.trouble !== null) return "failed";
  return state.carriedOut === "compensated" ? "compensated" : "resolved";
}

function reported({ node, category, code, message, route = "", answer }: FaultRecord): ReportedFault {
  return { node, category, code, message, end: route, ...(answer === undefined ? {} : { answer }) };
}

interface CountedEffect extends ReportedEffect {
  /** The ledger has its result. */
  readonly done: boolean;
  /** Nobody claimed it: it happened behind the ledger's back. */
  readonly unclaimed: boolean;
}

function shown({ key, name, timesRun }: CountedEffect): ReportedEffect {
  return { key, name, timesRun };
}

/** The ledger's effects of a thread and everything that happened on it, matched by key. Model calls are no effects. */
async function countedEffects(
  { persistence, shop }: OpenResources,
  thread: string,
  entries: readonly EffectEntry[],
): Promise<CountedEffect[]> {
  const { pool, schema } = persistence;
  const { transfers, messages } = serviceTables(schema);
  const happened = await pool.query<{ key: string; cancelled: boolean }>(
    `SELECT key, cancelled_at IS NOT NULL AS cancelled FROM ${transfers} WHERE thread = $1
     UNION ALL SELECT key, false FROM ${messages} WHERE thread = $1`,
    [thread],
  );
  const times = new Map<string, number>();
  const count = (key: string) => times.set(key, (times.get(key) ?? 0) + 1);
  for (const { key } of await shop.on(thread).writes()) count(key);
  for (const { key, cancelled } of happened.rows) {
    count(key);
    if (cancelled) count(`${key}|undo`);
  }

  const claimed = entries.filter(({ name }) => !name.startsWith("model:"));
  const known = new Set(claimed.map(({ key }) => key));
  const unclaimed = [...times].filter(([key]) => !known.has(key));
  return [
    ...claimed
      .filter((entry) => !tookNothingBack(entry, times))
      .map((entry) => ({
        key: entry.key,
        name: entry.name,
        timesRun: times.get(entry.key) ?? 0,
        done: entry.status === "done",
        unclaimed: false,
      })),
    ...unclaimed.map(([key, timesRun]) => ({ key, name: key, timesRun, done: false, unclaimed: true })),
  ];
}

/** An undo whose step turned out never to have happened leaves no trace on the other side, rightly. */
function tookNothingBack({ key }: EffectEntry, times: ReadonlyMap<string, number>): boolean {
  const [step, undo] = [key.replace(/\|undo$/, ""), key.endsWith("|undo")];
  return undo && !times.has(step);
}

export interface Proof {
  /** Effects that happened, on all threads together. */
  readonly effects: number;
  /** Keys of effects that happened more than once. */
  readonly doubled: readonly string[];
  /** Keys of effects that the ledger holds for done and that never happened. */
  readonly lost: readonly string[];
  /** Keys of effects that happened without a claim in the ledger. */
  readonly unclaimed: readonly string[];
  /** Of the threads that have ended: the payment service moved exactly what the orders' payment histories say, and gift cards the rest. */
  readonly moneyBalanced: boolean;
  /** Money moved outside the shop, charges and refunds together, cancelled ones left out. */
  readonly moved: number;
}

/** @param ended - Whether a thread has ended. In the middle of a saga money has moved that the books don't show yet. */
export async function proofOf(
  desk: OpenResources,
  threads: readonly string[],
  ended: (thread: string) => Promise<boolean>,
): Promise<Proof> {
  const effects: CountedEffect[] = [];
  let balanced = true;
  let moved = 0;
  for (const thread of threads) {
    effects.push(...(await countedEffects(desk, thread, await desk.persistence.ledger.entries(thread))));
    const balance = await balanceOf(desk, thread);
    balanced &&= balance.balanced || !(await ended(thread));
    moved += balance.moved;
  }
  const keys = (fits: (effect: CountedEffect) => boolean) => effects.filter(fits).map(({ key }) => key);
  return {
    effects: keys(({ timesRun }) => timesRun > 0).length,
    doubled: keys(({ timesRun }) => timesRun > 1),
    lost: keys(({ done, timesRun }) => done && timesRun === 0),
    unclaimed: keys(({ unclaimed }) => unclaimed),
    moneyBalanced: balanced,
    moved: Math.round(moved * 100) / 100,
  };
}
