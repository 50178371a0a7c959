/** Makes a payment method's id of what the customer said of it. */
import type { Order, PaymentMethod, User } from "../../shop/records.ts";
import type { Ask, Step } from "./step.ts";
import type { WantedPayment } from "./wish.ts";

/** @param purpose - What the question is about, such as "the refund for order #W1". */
export function findPayment(
  user: User,
  order: Order,
  wanted: WantedPayment | undefined,
  purpose: string,
  ask: Ask,
): Step<string> {
  const methods = Object.values(user.payment_methods);
  const chosen = wanted && theOne(methods, order, wanted);
  if (chosen !== undefined) return { value: chosen };

  const list = methods.map(describeMethod).join(", ");
  return ask(`Which payment method shall I use for ${purpose}? You have: ${list}.`, (answer) => {
    const named = paymentIn(answer);
    return named && theOne(methods, order, named);
  });
}

function theOne(methods: readonly PaymentMethod[], order: Order, wanted: WantedPayment): string | undefined {
  if ("original" in wanted) return originalMethod(order);
  const fitting = methods.filter((method) => fits(method, wanted));
  return fitting.length === 1 ? fitting[0]?.id : undefined;
}

/** The method that the order was paid with first. */
export function originalMethod(order: Order): string | undefined {
  return order.payment_history[0]?.payment_method_id;
}

export function fits(method: PaymentMethod, wanted: WantedPayment): boolean {
  if ("id" in wanted) return method.id === wanted.id;
  if ("original" in wanted || method.source !== wanted.kind) return false;
  return (
    wanted.lastFour === undefined || (method.source === "credit_card" && method.last_four === wanted.lastFour)
  );
}

/** The payment method that a text names; undefined when it names none, or more than one. */
export function paymentIn(text: string): WantedPayment | undefined {
  const ids = new Set(text.match(/\b(?:gift_card|paypal|credit_card)_\w+/g));
  const [id] = ids;
  if (id !== undefined) return ids.size === 1 ? { id } : undefined;

  const found: WantedPayment[] = [];
  if (
    /\b(?:original|same) (?:payment|method|way|card)\b|\b(?:the way|how) I paid\b|\bI (?:originally )?paid with\b/i.test(
      text,
    )
  ) {
    found.push({ original: true });
  }
  if (/\bgift ?card\b/i.test(text)) found.push({ kind: "gift_card" });
  if (/\bpay ?pal\b/i.test(text)) found.push({ kind: "paypal" });
  const lastFour =
    /\b(?:ending(?: in| with)?|ends (?:in|with)|last four(?: digits)?(?: are)?) (\d{4})\b/i.exec(text)?.[1];
  if (/\b(?:credit card|visa|mastercard)\b/i.test(text) || lastFour !== undefined) {
    found.push({ kind: "credit_card", ...(lastFour === undefined ? {} : { lastFour }) });
  }
  return found.length === 1 ? found[0] : undefined;
}

const methodWords = String.raw`(?:(?:gift_card|paypal|credit_card)_\w+|original payment(?: method)?|same (?:card|method)|gift ?card|pay ?pal(?: account)?|credit card|visa|mastercard)`;
/** "…, refund it to my PayPal", "… and charge the difference to my credit card ending in 1234". Never an item. */
const paymentPassage = new RegExp(
  [
    String.raw`[,;]?\s*(?:\b(?:and|please|then)\s+)*`,
    String.raw`(?:\b(?:refund|charge|pay|put|use)\b\s*(?:(?:it|me|for it|(?:the|any)(?: price)? (?:difference|refund|money))\b\s*)?)?`,
    String.raw`(?:\b(?:to|onto|on|via|with|through|using|from|by)\s+)?(?:(?:my|the)\s+)?`,
    String.raw`\b${methodWords}\b(?:\s+(?:ending|ends)(?:\s+(?:in|with))?\s+\d{4})?`,
    String.raw`(?:\s+for (?:the|any)(?: price)? (?:difference|refund))?`,
  ].join(""),
  "gi",
);

/** Without what it says about paying, for what else the sentence says. */
export function withoutPayment(text: string): string {
  return text.replace(paymentPassage, " ");
}

function describeMethod(method: PaymentMethod): string {
  if (method.source === "credit_card") return `${method.id} (${method.brand} ending in ${method.last_four})`;
  return method.id;
}
