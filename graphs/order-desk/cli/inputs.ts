/**
 * The files that the flags name, read and checked before anything is opened, so that a wrong one leaves nothing half
 * done. What is wrong with a shop or with tickets is said by those who read them, as StartUpError.
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { DeskOptions } from "../desk.ts";
import { settingsFromEnv } from "../model/index.ts";
import { ownShopDir } from "../resources.ts";
import { readShop } from "../shop/load-shop.ts";
import { readTickets } from "../tickets.ts";
import type { DeskFlags } from "./flags.ts";
import { UsageError } from "./usage-error.ts";

export const ownTickets = fileURLToPath(new URL("../data/tickets.json", import.meta.url));

/** What opens the desk that the flags describe. */
export async function deskOptions({ shop, schema, model, faults, seed }: DeskFlags): Promise<DeskOptions> {
  if (model === "live" && settingsFromEnv() === undefined) {
    throw new UsageError("--model live needs a key: set OPENAI_API_KEY, or use --model rules");
  }
  const named = schema ?? (shop === undefined ? undefined : await schemaOf(shop));
  return {
    shopDir: shop ?? ownShopDir,
    ...(named === undefined ? {} : { schema: named }),
    model: typeof model === "object" ? { script: await readTickets(model.scriptFile) } : model,
    faults,
    seed,
  };
}

/** A schema for each shop, named after what the shop holds: one schema takes one shop, and tickets write to it. */
async function schemaOf(shop: string): Promise<string> {
  const data = await readShop(shop);
  return `faultline_${createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 8)}`;
}
