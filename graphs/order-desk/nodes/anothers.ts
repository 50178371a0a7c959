/**
 * A red flag on words for the customer: what belongs to another customer. The shop's tools show nobody else's records,
 * but a ticket, a product's text or a free-text field may carry such, and a model may repeat what it reads.
 */
import { type RedFlag, redFlag } from "#src/consensus/index.ts";
import { contextOf, type DeskRuntime } from "../context.ts";
import type { Resources } from "../resources.ts";

/** @param own - The customer's own words, where the text may repeat them. Default: it may not. */
export async function anothers(
  resources: Resources,
  runtime: DeskRuntime,
  { text, customerId, own = "" }: { text: string; customerId: string | null; own?: string },
): Promise<RedFlag<string>> {
  const { shop } = await resources();
  const found = await shop.on(contextOf(runtime).branch).othersIn(text, customerId ?? "");
  const said = own.toLowerCase();
  const foreign = found.filter((phrase) => !said.includes(phrase.toLowerCase()));
  return redFlag("anothers", () =>
    foreign.length === 0 ? undefined : `Leave out what is another customer's: ${foreign.join(", ")}.`,
  );
}
