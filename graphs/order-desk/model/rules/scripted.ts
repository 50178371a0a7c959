/**
 * The planner by script: for a ticket it proposes exactly the actions that a file names for it, to test all of the
 * desk but the model. It reads the records that they touch first, since inspector and reply writer need facts.
 */
import { z } from "zod";
import { writeTools } from "../../tools/catalogue.ts";
import type { PlannerView } from "./planner.ts";
import { type Call, propose, question } from "./propose.ts";
import { refusedActions } from "./refusals.ts";
import { shopFacts } from "./shop-facts.ts";
import { asker } from "./step.ts";

/** As in the files of tickets: what the customer writes, and what is to be done. */
export interface ScriptedTicket {
  instruction: string;
  /** Tool calls; those of reading tools are passed over. */
  actions: readonly { name: string; arguments: Record<string, unknown> }[];
}

/** Only as much of an action as says what to read; whether it is a good one is the gates' word. */
const touches = z.object({
  order_id: z.string().optional(),
  item_ids: z.array(z.string()).optional(),
  new_item_ids: z.array(z.string()).optional(),
});

export function nextScriptedCall(script: readonly ScriptedTicket[], view: PlannerView): Call {
  const scripted = script.find(({ instruction }) => instruction === view.ticket.message);
  if (!scripted) return question("The script has no ticket with this message. What shall I do?");

  const facts = shopFacts(view.facts);
  if (!facts.users.has(view.customerId))
    return { name: "get_user_details", args: { user_id: view.customerId } };
  const actions = scripted.actions.filter(({ name }) => name in writeTools);
  // A lookup that was refused leaves no fact; to ask for it again would have no end.
  const mayRead = refusedActions(view.refusals).unplaced === undefined;
  for (const { arguments: args } of mayRead ? actions : []) {
    const { order_id, item_ids = [], new_item_ids = [] } = touches.safeParse(args).data ?? {};
    if (order_id === undefined) continue;
    const order = facts.orders.get(order_id);
    if (!order) return { name: "get_order_details", args: { order_id } };
    for (const { item_id, product_id } of order.items) {
      const index = item_ids.indexOf(item_id);
      const changed = index >= 0 && new_item_ids[index] !== undefined && new_item_ids[index] !== item_id;
      if (changed && !facts.products.has(product_id))
        return { name: "get_product_details", args: { product_id } };
    }
  }
  const planned = actions.map((action) => ({
    action,
    words: `${action.name} ${JSON.stringify(action.arguments)}`,
  }));
  return propose(planned, [], view.refusals, asker(view.ticket.answers));
}
