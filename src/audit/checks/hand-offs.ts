/** Commands to the parent graph that never arrive there. */
import type { Found } from "../finding.ts";
import type { GraphView, NodeView } from "../graph-view.ts";
import { callsOf, cut, type SourceText } from "../source-text.ts";

export function handOffs(view: GraphView): Found[] {
  return [...view.nodes.values()]
    .filter((node) => node.routed && !isGuarded(node))
    .filter(({ reach }) => reach.functions.some(({ users, own, text }) => users && own && leavesAlone(text)))
    .map(({ name }) => ({ node: name, trap: "parent-command-dropped" }));
}

export const isToParent = (text: SourceText): boolean => toParent(text).length > 0;

const toParent = (text: SourceText) =>
  callsOf(text, /\bnew\s+(?:[\w$]+\.)*Command\b/).filter(({ args }) =>
    /\bgraph\s*:/.test(cut(text, args).shape),
  );

/** In a list it stands beside an update. */
const leavesAlone = (text: SourceText): boolean =>
  toParent(text).some(({ whole }) => !/[[,]\s*$/.test(text.shape.slice(0, whole.from)));

/** This kit's `guarded` writes beside such a Command; `routed` leaves its mark in the metadata. */
const isGuarded = ({ metadata }: NodeView): boolean => metadata.faultline !== undefined;
