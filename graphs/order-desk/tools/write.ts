/**
 * The writing tools on a branch of the shop: checking an action, applying it, taking it back.
 *
 * Applying and reverting happen inside the caller's transaction (the effect ledger's), all or nothing. They move
 * no money: `Effectuation.money` says what the payment service must do.
 */
import { isDeepStrictEqual } from "node:util";
import { Fault } from "#src/faults/index.ts";
import type { Records } from "../shop/records.ts";
import type { Queryable, Shop, ShopChanges } from "../shop/shop.ts";
import type { Action } from "./action.ts";
import { effectuate } from "./effectuate.ts";
import type { Change, Effectuation } from "./effectuation.ts";

/**
 * Dry run: what the action would do now.
 *
 * @param userId - The customer that is served.
 * @param tx - Reads on this client instead of one of the pool.
 * @throws Fault llm-recoverable "refused_by_shop" or "not_found".
 */
export function checkAction(
  shop: Shop,
  userId: string,
  action: Action,
  tx?: Queryable,
): Promise<Effectuation> {
  const records: Records = tx
    ? {
        order: (id) => shop.order(id, tx),
        product: (id) => shop.product(id, tx),
        user: (id) => shop.user(id, tx),
      }
    : shop;
  return effectuate(records, userId, action);
}

/**
 * Applies the action in `tx`, after checking it again on locked records.
 *
 * @param tx - An open transaction. After a throw the caller must roll it back.
 * @param key - The effect's idempotency key, kept beside the write. Calling twice applies twice: the ledger sees to once.
 * @throws Fault llm-recoverable "refused_by_shop" or "not_found": nothing was written.
 */
export async function applyAction(
  tx: Queryable,
  shop: Shop,
  userId: string,
  action: Action,
  key: string,
): Promise<Effectuation> {
  const effectuation = await effectuate(shop.locked(tx), userId, action);
  await shop.save(tx, { key, action: action.name, ...recordsOf(effectuation, "after") });
  return effectuation;
}

/**
 * Puts the records back as they were before the action, in `tx`. Where they already are so, nothing happens.
 *
 * @param tx - An open transaction. After a throw the caller must roll it back.
 * @throws Fault compensable "cannot_revert" when a record is no longer as the action left it: putting it back would
 *   undo what came later too.
 */
export async function revertAction(
  tx: Queryable,
  shop: Shop,
  effectuation: Effectuation,
  key: string,
): Promise<void> {
  const { orders = {}, users = {} } = effectuation.changes;
  const locked = shop.locked(tx);
  const found: { id: string; change: Change<unknown>; now: unknown }[] = [];
  // Orders before users, as when applying: two transactions that lock in one order cannot deadlock.
  for (const [id, change] of Object.entries(orders)) found.push({ id, change, now: await locked.order(id) });
  for (const [id, change] of Object.entries(users)) found.push({ id, change, now: await locked.user(id) });
  if (found.every(({ change, now }) => isDeepStrictEqual(now, change.before))) return;
  const moved = found.find(({ change, now }) => !isDeepStrictEqual(now, change.after));
  if (moved) {
    throw new Fault(
      "compensable",
      "cannot_revert",
      `${moved.id} was changed after "${effectuation.summary}": it cannot be put back without losing that`,
      { details: { record: moved.id, action: effectuation.action } },
    );
  }
  await shop.save(tx, { key, action: `revert ${effectuation.action}`, ...recordsOf(effectuation, "before") });
}

/** One side of every change, as the shop writes it. */
export function recordsOf({ changes }: Effectuation, side: "before" | "after"): Required<ShopChanges> {
  return { orders: pick(changes.orders, side), users: pick(changes.users, side) };
}

function pick<T>(changes: Record<string, Change<T>> = {}, side: "before" | "after"): Record<string, T> {
  return Object.fromEntries(Object.entries(changes).map(([id, change]) => [id, change[side]]));
}
