/**
 * What tells whose a text speaks of: the ids, e-mail address, full name and first line of the address in a record. Used to
 * find another customer's in words for a customer, however they are cased, punctuated, accented, full in width, turned
 * round ("Bianchi, Dario"; "Beacon Hill 4") or sprinkled with marks that no eye sees; an id by its digits alone, too.
 *
 * Not for what takes a reader to see: a look-alike of another alphabet, "dario (dot) bianchi (at) example.com",
 * a number in words, "St." for "Street", a first name alone, a word or a number with something else put inside.
 */
import type { Order, User } from "./records.ts";

/** One spelling of a phrase. */
export interface Phrase {
  readonly phrase: string;
  /** In lower case, one space or nothing for whatever is no letter and no digit; or the digits of an id. */
  readonly plain: string;
  /** The customer whose record it stands in. */
  readonly owner: string;
  readonly kind: "order" | "user";
  readonly id: string;
}

export function phrasesInUser(id: string, { name, email, address, payment_methods }: User): Phrase[] {
  const of = { owner: id, kind: "user", id } as const;
  const { first_name: first, last_name: last } = name;
  return [
    ...[id, ...Object.keys(payment_methods)].flatMap((own) =>
      phrases(own, [...spelt(own), ...digitsOf(own)], of),
    ),
    ...phrases(email, spelt(email), of),
    ...phrases(`${first} ${last}`, [...spelt(`${first} ${last}`), ...spelt(`${last} ${first}`)], of),
    ...phrasesInAddress(address, of),
  ];
}

export function phrasesInOrder(id: string, { user_id, address }: Order): Phrase[] {
  const of = { owner: user_id, kind: "order", id } as const;
  return [...phrases(id, [...spelt(id), ...digitsOf(id)], of), ...phrasesInAddress(address, of)];
}

type Of = Pick<Phrase, "owner" | "kind" | "id">;

/** The house number first, and last. */
function phrasesInAddress({ address1 }: User["address"], of: Of): Phrase[] {
  const [number = "", ...street] = words(address1);
  return phrases(address1, [...spelt(address1), ...spelt([...street, number].join(" "))], of);
}

function phrases(phrase: string, plains: readonly string[], of: Of): Phrase[] {
  return [...new Set(plains)].map((plain) => ({ phrase, plain, ...of }));
}

/** Spaced, and in one piece: what parts two words may be a mark that is not seen. */
const spelt = (phrase: string): string[] => [words(phrase).join(" "), words(phrase).join("")];

/** Digits that tell one id from all else in a text. Fewer are also a price, a year, a zip code. */
const fewest = 6;

function digitsOf(id: string): string[] {
  const digits = id.replaceAll(/[^0-9]/g, "");
  return digits.length < fewest ? [] : [digits];
}

/** Words of the longest phrase that a text is searched for, such as a long e-mail address. */
const longestPhrase = 8;

/** Every run of up to eight words of a text, and of digits with no letter between, as phrases have them in `plain`. */
export function runsIn(text: string): string[] {
  const all = words(text);
  const runs = all.flatMap((_, from) =>
    Array.from({ length: longestPhrase }, (_, more) => all.slice(from, from + more + 1).join(" ")),
  );
  return [...new Set([...runs, ...numbersIn(text)])];
}

/** Digits of the longest id that a text is searched for in pieces. */
const mostDigits = 20;

/** "346 54-00" is 3465400 as well. A letter or a currency sign ends a number: the next one counts something else. */
function numbersIn(text: string): string[] {
  const rows = folded(text).split(/[\p{L}\p{Sc}]+/u);
  return rows.flatMap((row) => {
    const pieces = row.match(/[0-9]+/g) ?? [];
    return pieces.flatMap((_, from) => {
      const numbers: string[] = [];
      let number = "";
      for (const piece of pieces.slice(from, from + mostDigits)) {
        number += piece;
        if (number.length > mostDigits) break;
        if (number.length >= fewest) numbers.push(number);
      }
      return numbers;
    });
  });
}

const words = (text: string): string[] => folded(text).match(/[a-z0-9]+/g) ?? [];

/** One sign for what looks the same: no full width, accents or invisible marks, no capitals. */
const folded = (text: string): string =>
  text
    .normalize("NFKD")
    .replaceAll(/[\p{Cf}\p{M}]+/gu, "")
    .toLowerCase();
