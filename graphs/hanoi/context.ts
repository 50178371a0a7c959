/**
 * How a tower is voted on, and how the simulated mover errs. Studio shows it as a form.
 *
 * LangGraph does not fill in zod's defaults, so read it through `contextOf`.
 */
import { z } from "zod";
import type { NodeRuntime } from "#src/routing/index.ts";

const share = (meaning: string) => z.number().min(0).max(1).optional().describe(meaning);

export const hanoiContext = z.object({
  k: z
    .int()
    .min(1)
    .optional()
    .describe("A move is decided when it is this many votes ahead of every other. Default 3."),
  p: share("Error rate of one answer of the simulated mover. Default 0.0022."),
  correlated: share("Share of its errors that all answers of a step have in common. Default 0."),
  malformed: share("Share of its answers that are too long or of the wrong format. Default 0."),
  seed: z.int().optional().describe("Which errors the simulated mover makes, and where. Default 1."),
});

export type HanoiContext = z.infer<typeof hanoiContext>;
export type HanoiRuntime = NodeRuntime<HanoiContext>;
export type Settings = Readonly<Required<{ [Key in keyof HanoiContext]: NonNullable<HanoiContext[Key]> }>>;

/** 0.0022 is the error rate that MAKER (arXiv:2511.09030) measured for gpt-4.1-mini, and 3 the k that it took. */
export const defaults: Settings = { k: 3, p: 0.0022, correlated: 0, malformed: 0, seed: 1 };

/** The context with its defaults. */
export function contextOf({ context }: Pick<HanoiRuntime, "context">): Settings {
  return {
    k: context?.k ?? defaults.k,
    p: context?.p ?? defaults.p,
    correlated: context?.correlated ?? defaults.correlated,
    malformed: context?.malformed ?? defaults.malformed,
    seed: context?.seed ?? defaults.seed,
  };
}
