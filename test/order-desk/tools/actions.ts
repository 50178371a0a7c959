/** Actions in short, for tests. */
import type { Action } from "#graphs/order-desk/tools/action.ts";

const elsewhere = {
  address1: "9 Hill",
  address2: "",
  city: "Bath",
  state: "ME",
  country: "USA",
  zip: "04530",
};

export const act = {
  cancel: (order_id: string): Action => ({
    name: "cancel_pending_order",
    arguments: { order_id, reason: "ordered by mistake" },
  }),
  sendElsewhere: (order_id: string): Action => ({
    name: "modify_pending_order_address",
    arguments: { order_id, ...elsewhere },
  }),
  payBy: (order_id: string, payment_method_id: string): Action => ({
    name: "modify_pending_order_payment",
    arguments: { order_id, payment_method_id },
  }),
  swap: (
    order_id: string,
    item_ids: string[],
    new_item_ids: string[],
    payment_method_id: string,
  ): Action => ({
    name: "modify_pending_order_items",
    arguments: { order_id, item_ids, new_item_ids, payment_method_id },
  }),
  giveBack: (order_id: string, item_ids: string[], payment_method_id: string): Action => ({
    name: "return_delivered_order_items",
    arguments: { order_id, item_ids, payment_method_id },
  }),
  exchange: (
    order_id: string,
    item_ids: string[],
    new_item_ids: string[],
    payment_method_id: string,
  ): Action => ({
    name: "exchange_delivered_order_items",
    arguments: { order_id, item_ids, new_item_ids, payment_method_id },
  }),
  moveUser: (user_id: string): Action => ({
    name: "modify_user_address",
    arguments: { user_id, ...elsewhere },
  }),
};
