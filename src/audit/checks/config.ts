/** What `withConfig` bound to a graph, where it loses work. */
import type { Found } from "../finding.ts";
import type { GraphView } from "../graph-view.ts";
import { usesLedger } from "../reach.ts";
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
  return found;
}

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
