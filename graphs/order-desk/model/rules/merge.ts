/**
 * Brings the actions on one order together as the shop takes them: item changes and returns once an order, all
 * items in one call, and an order's item change after its other changes.
 */
import type { Action } from "../../tools/action.ts";
import type { Declined, Planned } from "./propose.ts";
import type { Ask } from "./step.ts";

type ItemAction = Extract<Action, { arguments: { item_ids: string[] } }>;

export type Merged = { planned: Planned[]; declined: Declined[] } | { ask: string };

export function mergeByOrder(planned: readonly Planned[], ask: Ask): Merged {
  const merged: Planned[] = [];
  const declined: Declined[] = [];
  for (const next of planned) {
    const at = merged.findIndex(({ action }) => isOnce(action) && sameOrder(action, next.action));
    const earlier = merged[at];
    if (!earlier || !isOnce(earlier.action)) merged.push(next);
    else if (!isOnce(next.action)) merged.splice(at, 0, next);
    else {
      const both = together(earlier.action, next.action);
      if (both) merged[at] = { action: both, words: `${earlier.words} ${next.words}` };
      else {
        const { order_id } = next.action.arguments;
        const question = `Order ${order_id} can be changed once only, in one way and with one payment method. You wrote "${earlier.words}" and "${next.words}". What shall it be?`;
        const step = ask(question, () => undefined);
        if ("ask" in step) return step;
        const reason = `Order ${order_id} can be changed once only, and these two exclude each other.`;
        declined.push(
          ...merged
            .splice(at, 1)
            .concat(next)
            .map(({ words }) => ({ request: words, reason })),
        );
      }
    }
  }
  return { planned: merged, declined };
}

export function isOnce(action: Action): action is ItemAction {
  return "item_ids" in action.arguments;
}

function sameOrder(a: ItemAction, b: Action): boolean {
  return "order_id" in b.arguments && a.arguments.order_id === b.arguments.order_id;
}

function together(a: ItemAction, b: ItemAction): ItemAction | undefined {
  if (a.name !== b.name || a.arguments.payment_method_id !== b.arguments.payment_method_id) return undefined;
  const item_ids = [...a.arguments.item_ids, ...b.arguments.item_ids];
  if (a.name === "return_delivered_order_items") return { ...a, arguments: { ...a.arguments, item_ids } };
  if (b.name === "return_delivered_order_items") return undefined;
  const new_item_ids = [...a.arguments.new_item_ids, ...b.arguments.new_item_ids];
  return { ...a, arguments: { ...a.arguments, item_ids, new_item_ids } };
}
