/**
 * What a case cost in tokens, and on whom: read from the model calls that the ledger recorded, those of a vote too. Used by
 * the report. Endpoints count as they like; the stand-in estimates.
 */
import { z } from "zod";
import type { EffectEntry } from "#src/recovery/index.ts";

export type Layer = "work" | "inspector" | "challenger" | "votes";

/** Prompt and answer together. "work" is intake, planner and reply, with what a refusal made them write again. */
export type Tokens = Readonly<Partial<Record<Layer, number>>>;

const usageSchema = z.object({ usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }) });
/** Alone, or as a sample of a vote. */
const resultSchema = z.union([
  usageSchema,
  z.object({ answer: usageSchema }).transform(({ answer }) => answer),
]);

export function tokensOf(entries: readonly EffectEntry[]): Tokens {
  const sum: Partial<Record<Layer, number>> = {};
  for (const { name, result } of entries) {
    if (!name.startsWith("model:")) continue;
    const found = resultSchema.safeParse(result);
    if (!found.success) continue;
    const layer = layerOf(name.slice("model:".length));
    const { inputTokens, outputTokens } = found.data.usage;
    sum[layer] = (sum[layer] ?? 0) + inputTokens + outputTokens;
  }
  return sum;
}

function layerOf(call: string): Layer {
  if (call.startsWith("vote ")) return "votes";
  return call === "inspector" || call === "challenger" ? call : "work";
}
