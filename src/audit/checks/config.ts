/** What `withConfig` bound to a graph, or a node calls one with, where it loses work. */
import type { Found } from "../finding.ts";
import type { GraphView } from "../graph-view.ts";
import { usesLedger } from "../reach.ts";
import { callsOf, cut, type SourceText } from "../source-text.ts";
import { effectsIn } from "./effects.ts";

const node = "withConfig";

export function config(view: GraphView): Found[] {
  const { maxConcurrency, durability, checkpointDuring } = view.config;
  const found: Found[] = [];
  if (maxConcurrency === 1) found.push({ node, trap: "max-concurrency-one" });
  const other =
    durability !== undefined
      ? durability !== "sync" && `durability: ${JSON.stringify(durability)}`
      : checkpointDuring !== undefined && `checkpointDuring: ${JSON.stringify(checkpointDuring)}`;
  if (typeof other === "string" && hasEffects(view))
    found.push({ node, trap: "durability-not-sync", seen: other });
  for (const { name, reach, subgraph } of view.nodes.values()) {
    const runs = reach.functions
      .filter(({ users, near }) => users && near)
      .flatMap(({ text }) => callsOf(text, /\.(?:invoke|stream)/).map(({ args }) => cut(text, args)));
    // A model that is called so loses nothing.
    if (subgraph !== undefined && runs.some(oneAtATime))
      found.push({ node: name, trap: "max-concurrency-one", seen: "maxConcurrency: 1" });
  }
  return found;
}

export const oneAtATime = (args: SourceText): boolean => /\bmaxConcurrency\s*:\s*1\b/.test(args.shape);

/** True when a node, or one of a subgraph, makes effects, through a ledger or bare. */
export function hasEffects(view: GraphView): boolean {
  return [...view.nodes.values()].some(
    ({ reach, subgraph }) =>
      reach.functions.some(
        ({ users, near, text }) => users && near && (usesLedger(text) || effectsIn(text, reach).length > 0),
      ) ||
      (subgraph !== undefined && hasEffects(subgraph.view)),
  );
}
