/**
 * What tells whose a text speaks of: the ids, e-mail address, full name and first line of the address in a record. Used to
 * find another customer's in words for a customer. Latin letters and digits in plain words; not what is spelt otherwise.
 */
import type { Order, User } from "./records.ts";

export interface Phrase {
  readonly phrase: string;
  /** In lower case, one space for whatever is no letter and no digit. */
  readonly plain: string;
  /** The customer whose record it stands in. */
  readonly owner: string;
  readonly kind: "order" | "user";
  readonly id: string;
}

export function phrasesInUser(id: string, { name, email, address, payment_methods }: User): Phrase[] {
  const own = [id, email, `${name.first_name} ${name.last_name}`, address.address1];
  return phrases([...own, ...Object.keys(payment_methods)], { owner: id, kind: "user", id });
}

export function phrasesInOrder(id: string, { user_id, address }: Order): Phrase[] {
  return phrases([id, address.address1], { owner: user_id, kind: "order", id });
}

function phrases(texts: readonly string[], of: Pick<Phrase, "owner" | "kind" | "id">): Phrase[] {
  return texts.map((phrase) => ({ phrase, plain: words(phrase).join(" "), ...of }));
}

/** Words of the longest phrase that a text is searched for, such as a long e-mail address. */
const longestPhrase = 8;

/** Every run of up to eight words of a text, as phrases have them in `plain`. */
export function runsIn(text: string): string[] {
  const all = words(text);
  const runs = all.flatMap((_, from) =>
    Array.from({ length: longestPhrase }, (_, more) => all.slice(from, from + more + 1).join(" ")),
  );
  return [...new Set(runs)];
}

const words = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
