/** Subgraphs that are retried as wholes, and those that their parent's defaults do not reach. */
import { reasonFor } from "../allowed.ts";
import type { Found } from "../finding.ts";
import type { GraphView, NodeView } from "../graph-view.ts";
import { runnableAttempts } from "../kinds.ts";
import { routes } from "./routes.ts";

export function subgraphs(view: GraphView): Found[] {
  return [...view.nodes.values()].flatMap((node): Found[] => {
    const inside = node.subgraph?.view;
    if (inside === undefined) return [];
    const found: Found[] = [];
    if (attempts(node) > 1) found.push({ node: node.name, trap: "subgraph-retried" });
    const left = [...new Set(leftByDefaults(view, inside).map((one) => one.node))];
    if (left.length > 0)
      found.push({ node: node.name, trap: "subgraph-without-defaults", seen: `inside: ${left.join(", ")}` });
    return found;
  });
}

/** What the nodes of a subgraph lack and its parent's nodes have by default. */
export function leftByDefaults({ defaults }: GraphView, inside: GraphView): Found[] {
  return routes(inside).filter(
    ({ node, trap }) =>
      (trap === "no-retry" ? defaults.retryPolicy : defaults.handler) !== undefined &&
      trap !== "bubble-up-early" &&
      trap !== "retry-list" &&
      reasonFor(inside, node, trap) === undefined,
  );
}

function attempts({ retryPolicy, runnable }: NodeView): number {
  const wrapped = typeof runnable === "object" && runnable !== null ? runnableAttempts(runnable) : undefined;
  if (typeof retryPolicy !== "object" || retryPolicy === null) return wrapped ?? 1;
  // LangGraph's default.
  const { maxAttempts = 3 } = retryPolicy as { maxAttempts?: number };
  return Math.max(maxAttempts, wrapped ?? 1);
}
