/** A shop of two customers and a handful of orders, made for tests; each call returns a new one. */
import type { Address, Order, OrderItem, ShopData, Variant } from "#graphs/order-desk/shop/records.ts";

const home: Address = {
  address1: "1 Quay",
  address2: "",
  city: "Hull",
  state: "ME",
  country: "USA",
  zip: "04001",
};

const variant = (item_id: string, color: string, price: number, available = true): Variant => ({
  item_id,
  options: { color },
  price,
  available,
});

const lamps = [
  variant("1001", "red", 40.1),
  variant("1002", "blue", 46.36),
  variant("1003", "green", 33.3, false),
];
const mugs = [variant("2001", "white", 9.5), variant("2002", "black", 12.25), variant("2003", "grey", 9.5)];

const lamp = (at: number): OrderItem => itemOf("p-lamp", "Lamp", lamps[at]);
const mug = (at: number): OrderItem => itemOf("p-mug", "Mug", mugs[at]);

function itemOf(product_id: string, name: string, found: Variant | undefined): OrderItem {
  if (!found) throw new RangeError(`no such variant of ${name}`);
  return { item_id: found.item_id, product_id, name, price: found.price, options: found.options };
}

const order = (
  order_id: string,
  status: Order["status"],
  method: string,
  items: OrderItem[],
  user_id = "ada_reed_1",
): Order => ({
  order_id,
  user_id,
  address: home,
  items,
  fulfillments: [],
  status,
  payment_history: [
    {
      transaction_type: "payment",
      amount: Math.round(items.reduce((sum, { price }) => sum + price, 0) * 100) / 100,
      payment_method_id: method,
    },
  ],
});

const keyed = <T>(records: T[], key: (record: T) => string): Record<string, T> =>
  Object.fromEntries(records.map((record) => [key(record), record]));

/** Ada pays by card, PayPal and gift card (50.00 on it); Ben only by card. */
export function smallShop(): ShopData {
  const orders = [
    order("#W1", "pending", "card_1", [lamp(0), mug(0), mug(0)]),
    order("#W2", "pending", "gift_1", [mug(1)]),
    order("#W3", "delivered", "card_1", [lamp(1), mug(2)]),
    order("#W4", "processed", "paypal_1", [mug(0)]),
    order("#W9", "pending", "card_9", [lamp(0)], "ben_hale_9"),
  ];
  const ofUser = (id: string) =>
    orders.filter(({ user_id }) => user_id === id).map(({ order_id }) => order_id);
  return structuredClone({
    orders: keyed(orders, ({ order_id }) => order_id),
    products: {
      "p-lamp": { product_id: "p-lamp", name: "Lamp", variants: keyed(lamps, ({ item_id }) => item_id) },
      "p-mug": { product_id: "p-mug", name: "Mug", variants: keyed(mugs, ({ item_id }) => item_id) },
    },
    users: {
      ada_reed_1: {
        name: { first_name: "Ada", last_name: "Reed" },
        email: "Ada.Reed@example.com",
        address: home,
        payment_methods: {
          card_1: { source: "credit_card" as const, id: "card_1", brand: "visa", last_four: "1111" },
          paypal_1: { source: "paypal" as const, id: "paypal_1" },
          gift_1: { source: "gift_card" as const, id: "gift_1", balance: 50 },
        },
        orders: ofUser("ada_reed_1"),
      },
      ben_hale_9: {
        name: { first_name: "Ben", last_name: "Hale" },
        email: "ben.hale@example.com",
        address: home,
        payment_methods: {
          card_9: { source: "credit_card" as const, id: "card_9", brand: "visa", last_four: "9999" },
        },
        orders: ofUser("ben_hale_9"),
      },
    },
  });
}
