/** Clients that call again by themselves, under nodes that are retried. */
import type { Found } from "../finding.ts";
import type { GraphView } from "../graph-view.ts";
import { clientRetries, isPregel, runnableAttempts } from "../kinds.ts";

export function clients(view: GraphView): Found[] {
  return [...view.nodes.values()].flatMap(({ name: node, reach, subgraph }): Found[] => {
    const seen = [...reach.objects].flatMap((value) => retryingClient(value, subgraph !== undefined));
    return seen.length === 0 ? [] : [{ node, trap: "client-retries", seen: [...new Set(seen)].join(", ") }];
  });
}

/** In plain words, or nothing. */
export function retryingClient(value: object, aroundSubgraph = false): string[] {
  const retries = clientRetries(value) ?? 0;
  if (retries > 0) return [`${value.constructor.name} with maxRetries ${retries}`];
  const attempts = runnableAttempts(value) ?? 1;
  return attempts > 1 && !aroundSubgraph && !isPregel(value) ? [`withRetry of ${attempts} attempts`] : [];
}
