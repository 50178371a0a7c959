/**
 * Reads tickets in sentences: "Please cancel my order #W1, I ordered it by mistake." It reads the plain ones. A
 * sentence that asks for something in another way, or under a condition, is left unread, and the planner asks.
 */
import { paymentIn, withoutPayment } from "./find-payment.ts";
import { addressIn, ordersIn, reasonIn, withoutAddress } from "./sentence-parts.ts";
import type { Reading, WantedChange, WantedItem, Wish } from "./wish.ts";

const verbs =
  "cancel|return|send back|exchange|swap|replace|trade|switch|change|modify|update|ship|deliver|send";
const asks = new RegExp(String.raw`\b(?:${verbs})\b`, "i");
/** "cancel #W1 and return the lamp": two requests in one sentence. */
const nextRequest = new RegExp(
  String.raw`[,;]?\s+(?:and|then)(?: also| then| please| I'd like to| I would like to| I want to)*\s+(?=(?:${verbs})\b)`,
  "i",
);
const orderNumber = String.raw`(?:(?:my|the|that|this) )?(?:(?:pending|delivered|recent|last) )?(?:orders? )?(?:(?:number|no\.?) )?#\w+`;
const orderNumbers = `${orderNumber}(?:(?:,| and|, and) ${orderNumber})*`;
/** "the lamp in order #W1": where the item is. */
const orderPlace = new RegExp(String.raw`,?\s*\b(?:from|in|of|on|for) ${orderNumbers}`, "gi");
/** "cancel order #W1": what is to be cancelled. */
const orderThing = new RegExp(orderNumbers, "gi");
const orderList = /^[^#]*#\w+(?:(?:,| and|, and) (?:order )?#\w+)+[^#]*$/i;
/** What makes a request depend on something. These rules can't weigh that. */
const conditional =
  /\b(?:if|unless|otherwise|or else|in case|depending|whichever|whatever|either|maybe|perhaps|not sure|cheapest|most expensive|except|only|apart from|instead of|rather than|not (?:the|my|order|#\w+)|same as|as many|do(?:n'?t| not) (?:cancel|return|exchange|change|send|ship))\b/i;
/** A sentence that may take back, or narrow down, what was asked for before it. */
const takesBack = /\b(?:keep|but|however|actually|instead|wait|rather|except|only|if|unless|not)\b|n['’]t\b/i;

export function readSentences(text: string): Reading {
  const reading: Reading = { wishes: [], unread: [] };
  let mentioned: string | undefined;
  for (const sentence of sentencesOf(text)) {
    if (asks.test(sentence)) {
      if (conditional.test(sentence)) reading.unread.push(sentence);
      else {
        for (const command of sentence.split(nextRequest)) readCommand(command, mentioned, reading);
      }
    } else {
      const last = reading.wishes.at(-1);
      if (last && !complete(last, sentence) && takesBack.test(sentence)) reading.unread.push(sentence);
    }
    const orders = ordersIn(sentence);
    if (orders.length > 0) mentioned = orders.length === 1 ? orders[0] : undefined;
  }
  return reading;
}

function readCommand(command: string, mentioned: string | undefined, reading: Reading): void {
  const orders = ordersIn(command);
  // Of several orders, a plain list means each. Else one of them may be there to compare with.
  if (orders.length > 1 && !orderList.test(command)) {
    reading.unread.push(command);
    return;
  }
  const implied =
    /\b(?:it|them|this|that)\b/i.test(command) || reading.wishes.length === 0 ? mentioned : undefined;
  const places = orders.length > 0 ? orders : [implied];
  const wishes = places.map((order) => wishOf(command, order));
  if (wishes.every((wish) => wish !== undefined)) reading.wishes.push(...wishes);
  else reading.unread.push(command);
}

function wishOf(words: string, order: string | undefined): Wish | undefined {
  const about = { words, ...(order === undefined ? {} : { order }) };
  const payment = paymentIn(words);
  const paying = payment ? { payment } : {};
  const bare = bareRequest(words);

  if (/\bcancel\b/i.test(words)) {
    const reason = reasonIn(words);
    const what = bare.replace(/^.*?\bcancel\b/i, "");
    return wholeOrder(what) || /^\s*(?:it|that|this)\s*[.!?]?$/i.test(what)
      ? { kind: "cancel", ...about, ...(reason ? { reason } : {}) }
      : undefined;
  }
  if (/\baddress\b/i.test(words) || (/\b(?:ship|deliver|send)\b/i.test(words) && addressIn(words))) {
    const address = addressIn(words) ?? {};
    const own =
      order === undefined &&
      /\b(?:default|my|account|profile)\b(?: \w+)? address\b/i.test(words) &&
      !/\border\b/i.test(words);
    return own ? { kind: "default_address", words, address } : { kind: "order_address", ...about, address };
  }
  if (/\b(?:return|send back)\b/i.test(words)) {
    const items = bare.replace(/^.*?\b(?:return|send back)\b/i, "");
    const wanted = wholeOrder(items) ? ("all" as const) : phrases(items);
    return wanted.length > 0 ? { kind: "return", ...about, items: wanted, ...paying } : undefined;
  }
  if (/\b(?:change|switch|update|modify) (?:the |my )?payment\b/i.test(words)) {
    return { kind: "order_payment", ...about, ...paying };
  }
  const items = changes(bare);
  return items && { kind: "change_items", ...about, items, ...paying };
}

/** Without the order, payment, reason and courtesies: what is left names items. */
function bareRequest(words: string): string {
  return withoutPayment(withoutAddress(words))
    .replace(
      /[,;]?\s*\b(?:because|since|as I|as it|it was|it's|I no longer|I don't|I do not|(?:I )?ordered|by (?:mistake|accident))\b(?:(?!\band\b)[^,])*$/i,
      "",
    )
    .replace(orderPlace, " ")
    .replace(orderThing, " order ")
    .replace(/\b(?:please|kindly|thanks|thank you)\b/gi, " ")
    .trim();
}

/** Only where the words say so: what is left when an item was overlooked must not pass for the whole order. */
function wholeOrder(text: string): boolean {
  return /^(?:the |my |this |that )?(?:whole |entire |complete )?order$|^(?:everything|all(?: of)? (?:it|them|the items|items))(?: (?:in|from) (?:it|(?:the|my|that|this) order))?$/i.test(
    text
      .replace(/[.,!?;]/g, " ")
      .replace(/\s+/g, " ")
      .trim(),
  );
}

function phrases(text: string): WantedItem[] {
  return text
    .replace(/[.!?;]+\s*$/, "")
    .split(/,\s*(?:and\s+)?|\s+and\s+|\s*;\s*/)
    .map((phrase) => phrase.replace(/^\s*both\b/i, "").trim())
    .filter((phrase) => phrase !== "")
    .map((phrase) => ({ phrase }));
}

function changes(bare: string): WantedChange[] | undefined {
  const text = bare
    .replace(/^.*?\b(?:exchange|swap|replace|trade|switch|change|modify|update)\b/i, "")
    .replace(/[.!?;]+\s*$/, "");
  const parts = text
    .split(/,\s*(?:and\s+)?(?=(?:the|my)\b)|\s+and\s+(?=(?:the|my)\b)/i)
    .filter((part) => part.trim() !== "");
  const read = parts.map(
    (part) => /^\s*(?<old>.+?)\s+(?:for|to|with|into|against)\s+(?<to>.+)$/i.exec(part)?.groups,
  );
  if (read.length === 0) return undefined;
  const wanted = read.map((groups) =>
    groups?.old && groups.to
      ? { item: { phrase: groups.old.trim() }, to: wantedVariant(groups.to.trim()) }
      : undefined,
  );
  return wanted.every((change) => change !== undefined) ? wanted : undefined;
}

function wantedVariant(phrase: string): WantedChange["to"] {
  return /^(?:the |a |an )?(?:same|same one|same item|new one|new copy|same again|replacement)$/i.test(
    phrase.trim(),
  )
    ? { options: [] }
    : { phrase };
}

/** A sentence without a request may say what the last request left open. Returns whether it did. */
function complete(wish: Wish, sentence: string): boolean {
  switch (wish.kind) {
    case "cancel": {
      const reason = wish.reason === undefined ? reasonIn(sentence) : undefined;
      if (reason) wish.reason = reason;
      return reason !== undefined;
    }
    case "return":
    case "change_items":
    case "order_payment": {
      const payment = wish.payment === undefined ? paymentIn(sentence) : undefined;
      if (payment) wish.payment = payment;
      return payment !== undefined;
    }
    case "order_address":
    case "default_address": {
      const address = Object.keys(wish.address).length === 0 ? addressIn(sentence) : undefined;
      if (address) wish.address = address;
      return address !== undefined;
    }
  }
}

/** Sentences, not torn at "St." and the like. */
function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?])(?<!\b(?:St|Ave|Rd|Blvd|Dr|Mr|Mrs|Ms|No|Apt|Ste)\.)\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}
