/** Nodes whose failure nobody deals with. */
import { isBubbleUp } from "../../routing/index.ts";
import { parallelNodes } from "../fan-out.ts";
import type { Found } from "../finding.ts";
import type { GraphView, NodeView } from "../graph-view.ts";

export function routes(view: GraphView): Found[] {
  if (!view.stateGraph || view.prebuilt) return [];
  const parallel = parallelNodes(view);
  return [...view.nodes.values()].flatMap((node): Found[] => {
    if (isMeantToFail(node)) return node.defer ? [] : [{ node: node.name, trap: "bubble-up-early" }];
    const route = (): Found[] =>
      node.routed
        ? []
        : [{ node: node.name, trap: parallel.has(node.name) ? "fan-out-unrouted" : "no-route" }];
    // What leaves a subgraph is for the caller, and a retry would begin it anew. Only a package's has no place inside.
    if (node.subgraph?.byHand === false) return node.subgraph.view.prebuilt ? route() : [];
    const found = route();
    if (node.retryPolicy === undefined && node.subgraph === undefined)
      found.push({ node: node.name, trap: "no-retry" });
    if (Array.isArray(node.retryPolicy)) found.push({ node: node.name, trap: "retry-list" });
    return found;
  });
}

const isMeantToFail = ({ runnable }: NodeView): boolean => {
  const { func } = (runnable ?? {}) as { func?: unknown };
  return typeof func === "function" && isBubbleUp(func);
};
