/**
 * A graph's own exceptions: a trap's id and a reason, in LangGraph's metadata of the node, or bound by `withConfig`. What
 * is allowed on a graph or a subgraph's node is allowed inside.
 *
 * @example
 * ```ts
 * builder.addNode("ping", ping, { metadata: { audit: { allow: { "no-retry": "the next ping is soon" } } } });
 * ```
 */
import type { Trap } from "./finding.ts";
import type { GraphView } from "./graph-view.ts";

interface Metadata {
  readonly audit?: { readonly allow?: Readonly<Record<string, unknown>> };
}

/** @returns Undefined where nothing is allowed: an exception without a reason is none. */
export function reasonFor(view: GraphView, node: string, trap: Trap): string | undefined {
  const places = [view.nodes.get(node)?.metadata, ...view.around] as (Metadata | undefined)[];
  return places
    .map((metadata) => metadata?.audit?.allow?.[trap])
    .find((reason): reason is string => typeof reason === "string" && reason.trim() !== "");
}
