/**
 * Reads the terse clauses in which tickets of the tau-bench kind are written:
 *
 *     Cancel order #W1 because no longer needed. Return #W2 via paypal_3: Notebook; Tablet; For #W4, exchange
 *     Lamp {'color': 'black'} to {'color': 'white'}; via gift_card_5.
 *
 * A ticket in sentences is `sentences.ts`'s to read.
 */
import { addressSchema } from "../../shop/records.ts";
import type { NamedOption, WantedChange, WantedItem, Wish } from "./wish.ts";

type Groups = Record<string, string>;
interface Clause {
  pattern: RegExp;
  /** Undefined: it looks like the clause, but what stands in it can't be read. */
  read(groups: Groups, words: string): Wish | undefined;
}

const order = String.raw`(?<order>#\w+)`;
const payment = String.raw`(?<payment>(?:gift_card|paypal|credit_card)_\w+)`;
/** A Python dict of strings, as these tickets spell options and addresses. */
const dict = String.raw`\{[^}]*\}`;

const clauses: Clause[] = [
  {
    pattern: clause(
      String.raw`Cancel order ${order} because (?<reason>no longer needed|ordered by mistake)\.`,
    ),
    read: ({ order = "", reason }, words) => {
      if (reason !== "no longer needed" && reason !== "ordered by mistake") return undefined;
      return { kind: "cancel", words, order, reason };
    },
  },
  {
    pattern: clause(String.raw`Return ${order} via ${payment}: (?<items>(?:[^;{}#]+(?:${dict})?;\s*)+)`),
    read: ({ order = "", payment = "", items = "" }, words) => {
      const wanted = parts(items).map(wantedItem);
      if (!wanted.every((item) => item !== undefined)) return undefined;
      return { kind: "return", words, order, items: wanted, payment: { id: payment } };
    },
  },
  {
    pattern: clause(
      String.raw`For ${order}, (?:modify|exchange) (?<items>(?:[^;{}#]+${dict} to ${dict};\s*)+)via ${payment}\.`,
    ),
    read: ({ order = "", payment = "", items = "" }, words) => {
      const wanted = parts(items).map(wantedChange);
      if (!wanted.every((item) => item !== undefined)) return undefined;
      return { kind: "change_items", words, order, items: wanted, payment: { id: payment } };
    },
  },
  {
    pattern: clause(String.raw`For ${order}, change payment to ${payment}\.`),
    read: ({ order = "", payment = "" }, words) => ({
      kind: "order_payment",
      words,
      order,
      payment: { id: payment },
    }),
  },
  {
    // The note in brackets names an order with the same address; the address itself is what counts.
    pattern: clause(String.raw`For ${order}, change address to (?<address>${dict})(?: \(same as [^)]*\))?\.`),
    read: ({ order = "", address = "" }, words) => {
      const whole = addressSchema.strip().safeParse(readDict(address));
      return whole.success ? { kind: "order_address", words, order, address: whole.data } : undefined;
    },
  },
];

/** The clause at `position` of `text` and where it ends, or undefined when none starts there. */
export function readClause(text: string, position: number): { wish: Wish; end: number } | undefined {
  for (const { pattern, read } of clauses) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    const wish = match && read({ ...match.groups }, match[0].trim());
    if (wish) return { wish, end: pattern.lastIndex };
  }
  return undefined;
}

function clause(source: string): RegExp {
  return new RegExp(source, "y");
}

function parts(list: string): string[] {
  return list.split(/;\s*/).filter((part) => part !== "");
}

function wantedItem(text: string): WantedItem | undefined {
  const match = /^([^{}]+?)\s*(\{[^}]*\})?$/.exec(text);
  const options = readOptions(match?.[2] ?? "{}");
  return match?.[1] && options ? { product: match[1].trim(), options } : undefined;
}

function wantedChange(text: string): WantedChange | undefined {
  const at = text.lastIndexOf(" to {");
  const item = wantedItem(text.slice(0, at));
  const to = readOptions(text.slice(at + 4));
  return item && to ? { item, to: { options: to } } : undefined;
}

function readOptions(text: string): NamedOption[] | undefined {
  const entries = readDict(text);
  return entries && Object.entries(entries).map(([key, value]) => ({ key, value }));
}

/** `{'a': 'b', "c": 'd'}` → an object; undefined for anything else, so that nothing is lost unnoticed. */
function readDict(text: string): Record<string, string> | undefined {
  const string = `(?:'([^']*)'|"([^"]*)")`;
  const entry = String.raw`${string}:\s*${string}`;
  if (!new RegExp(String.raw`^\{(?:${entry}(?:,\s*${entry})*)?\}$`).test(text)) return undefined;
  const entries = [...text.matchAll(new RegExp(entry, "g"))];
  return Object.fromEntries(entries.map(([, k1, k2, v1, v2]) => [k1 ?? k2 ?? "", v1 ?? v2 ?? ""]));
}
