/** Interrupts that a catch takes for a failure. */
import type { Found } from "../finding.ts";
import type { GraphView } from "../graph-view.ts";
import { callsOf, cut, type SourceText, within } from "../source-text.ts";

export function interrupts(view: GraphView): Found[] {
  return [...view.nodes.values()]
    .filter(({ reach }) => reach.functions.some(({ users, near, text }) => users && near && swallows(text)))
    .map(({ name }) => ({ node: name, trap: "interrupt-swallowed" }));
}

function swallows(text: SourceText): boolean {
  return [...text.shape.matchAll(/\btry\s*\{/g)].some((found) => {
    const tried = within(text, found.index + found[0].length - 1);
    if (callsOf(cut(text, tried), /\binterrupt/).length === 0) return false;
    const rest = cut(text, { from: tried.to + 1, to: text.shape.length });
    const caught = /^\s*catch\s*(?:\([^)]*\)\s*)?\{/.exec(rest.shape);
    return caught !== null && !/\bthrow\b/.test(cut(rest, within(rest, caught[0].length - 1)).shape);
  });
}
