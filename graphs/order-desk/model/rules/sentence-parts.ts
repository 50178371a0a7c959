/** The parts that a sentence of a ticket, or an answer to a question, may hold: identity, reason, address, order. */
import type { Identity } from "../../prompts/index.ts";
import type { Address } from "../../shop/records.ts";
import type { CancelReason } from "./wish.ts";

const reasons: [CancelReason, RegExp][] = [
  [
    "ordered by mistake",
    /\b(?:mistake|mistaken(?:ly)?|accident(?:al|ally)?|wrong (?:one|item|thing|order)|did ?n[o']t mean to|ordered (?:it )?twice)\b/i,
  ],
  [
    "no longer needed",
    /\b(?:no longer|not? (?:longer )?need(?:ed)?|do(?:es)?n[o']?t (?:need|want)|any ?more|changed my mind|not needed|found (?:it|one) (?:elsewhere|cheaper))\b/i,
  ],
];

/** Undefined when the text gives neither of the shop's two reasons, or both. */
export function reasonIn(text: string): CancelReason | undefined {
  const given = reasons.filter(([, pattern]) => pattern.test(text.replaceAll("’", "'")));
  return given.length === 1 ? given[0]?.[0] : undefined;
}

const addressPattern =
  /(?<address1>(?<![#\w])\d+\w? (?:(?! to )[^,;:#])+),\s*(?:(?<address2>(?:apt|apartment|suite|ste|unit|floor|flat|room)\b[^,]*),\s*)?(?<city>\p{Lu}[\p{L} .'-]+),\s*(?<state>[A-Z]{2}),?\s+(?<zip>\d{5})(?:,?\s*(?<country>USA|United States|US)\b)?/iu;

/** A whole address in the form "12 Oak Street, Suite 3, Austin, TX 78701". A US zip code implies the country. */
export function addressIn(text: string): Address | undefined {
  const { address1, address2 = "", city, state, zip } = addressPattern.exec(text)?.groups ?? {};
  if (!address1 || !city || !state || !zip) return undefined;
  return { address1, address2, city, state: state.toUpperCase(), country: "USA", zip };
}

/** Without its text, for what else the sentence says. */
export function withoutAddress(text: string): string {
  return text.replace(addressPattern, " ");
}

/** Order ids in the order of their first mention. */
export function ordersIn(text: string): string[] {
  return [...new Set(text.match(/#[A-Z]*\d+\b/gi)?.map((id) => id.toUpperCase()))];
}

/** Who writes, as far as the text says so of its writer. The zip code of an address to ship to is not theirs. */
export function identityIn(text: string): Identity {
  const email = /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/.exec(text)?.[0];
  const name =
    /\b(?:name is|name's|I am|I'm|this is|it's|here is)\s+(?<first>\p{Lu}[\p{L}'-]+)\s+(?<last>\p{Lu}[\p{L}'-]+)/u.exec(
      text.replaceAll("’", "'"),
    )?.groups ?? /^\s*(?<first>\p{Lu}[\p{L}'-]+)\s+(?<last>\p{Lu}[\p{L}'-]+)\s*,/u.exec(text)?.groups;
  const zip =
    /\b(?:zip|zip code|postcode|postal code)\b(?: code)?(?: is|:|,)?\s*(?<zip>\d{5})\b/i.exec(
      withoutAddress(text),
    )?.groups?.zip ?? /^[^#\d]*\b(\d{5})\b[^\d]*$/.exec(text)?.[1];
  return {
    ...(email ? { email } : {}),
    ...(name?.first && name.last ? { first_name: name.first, last_name: name.last } : {}),
    ...(zip ? { zip } : {}),
  };
}
