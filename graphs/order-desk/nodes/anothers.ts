/**
 * A red flag on words for the customer: what belongs to another customer. The shop's tools show nobody else's records,
 * but a ticket, a product's text or a free-text field may carry such, and a model may repeat what it reads.
 */
import { type RedFlag, redFlag } from "#src/consensus/index.ts";
import { contextOf, type DeskRuntime } from "../context.ts";
import type { Resources } from "../resources.ts";

/**
 * @param own - The customer's own words, as JSON, where the text may repeat what they hold of another customer in any
 * spelling that is found. Default: it may not.
 */
export async function anothers(
  resources: Resources,
  runtime: DeskRuntime,
  { text, customerId, own = "" }: { text: string; customerId: string | null; own?: string },
): Promise<RedFlag<string>> {
  const branch = (await resources()).shop.on(contextOf(runtime).branch);
  const othersIn = (words: string) => branch.othersIn(words, customerId ?? "");
  const found = await othersIn(text);
  // The letter of an escaped line break would stick to the word after it.
  const said = found.length === 0 ? [] : await othersIn(own.replaceAll(/\\[nrt]/g, " "));
  const foreign = found.filter((phrase) => !said.includes(phrase));
  return redFlag("anothers", () =>
    foreign.length === 0 ? undefined : `Leave out what is another customer's: ${foreign.join(", ")}.`,
  );
}
