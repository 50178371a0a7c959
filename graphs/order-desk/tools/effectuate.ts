/** The shop's rules, one for each writing tool: the action's effects, or the shop's no. They write nothing. */
import type { Records } from "../shop/records.ts";
import type { Action } from "./action.ts";
import type { Effectuation } from "./effectuation.ts";
import { cancelOrder } from "./rules/cancel-order.ts";
import { changeOrderAddress, changeUserAddress } from "./rules/change-address.ts";
import { changeItems } from "./rules/change-items.ts";
import { changePayment } from "./rules/change-payment.ts";
import { exchangeItems } from "./rules/exchange-items.ts";
import { returnItems } from "./rules/return-items.ts";

/**
 * Works out what `action` does to the records as they are.
 *
 * @param userId - The customer that is served: an action on another customer's records is refused.
 * @throws Fault llm-recoverable "refused_by_shop" or "not_found".
 */
export async function effectuate(records: Records, userId: string, action: Action): Promise<Effectuation> {
  switch (action.name) {
    case "cancel_pending_order":
      return cancelOrder(records, userId, action.arguments);
    case "modify_pending_order_address":
      return changeOrderAddress(records, userId, action.arguments);
    case "modify_pending_order_payment":
      return changePayment(records, userId, action.arguments);
    case "modify_pending_order_items":
      return changeItems(records, userId, action.arguments);
    case "return_delivered_order_items":
      return returnItems(records, userId, action.arguments);
    case "exchange_delivered_order_items":
      return exchangeItems(records, userId, action.arguments);
    case "modify_user_address":
      return changeUserAddress(records, userId, action.arguments);
  }
}
