/**
 * The shop's rules as the planner and the inspector are told them. One text for both, so that they can't
 * disagree about a rule; the shop's own tools enforce the same rules once more.
 */
export const shopPolicy = `Rules of the shop:
- Serve one customer only, the one named by <customer_id>. Refuse whatever concerns another customer's data.
- An order may be cancelled only while its status is "pending". The reason is "no longer needed" or "ordered by mistake", nothing else. The whole order is cancelled, never a part.
- A pending order may get another shipping address, another payment method, or other options for its items. Items are changed once only, so all item changes of an order go into one action; do it after the order's address and payment, because no further change is possible then.
- Another payment method must be a single one, different from the present one. A gift card must cover the whole amount.
- An item is changed to an available item of the same product, never to another product. Options that the customer does not mention stay as they are. If the customer wants the same item again, the new item id equals the old one.
- A delivered order may be returned or exchanged, in whole or in part, once. All items go into one action. A refund goes to the order's own payment method or to a gift card of the customer.
- Any price difference is paid or refunded through one payment method of the customer; a gift card must have the balance for it.
- The default address of the customer may be changed.
- Nothing else can be done: no partial cancellation, no new orders, no discounts, no change of a processed or cancelled order.`;
