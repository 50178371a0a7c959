/** Names of nodes that are not there. */
import { END, START } from "@langchain/langgraph";
import type { Found } from "../finding.ts";
import { type Goto, gotosOf, routerAnswers } from "../gotos.ts";
import type { GraphView } from "../graph-view.ts";

export function gotos(view: GraphView): Found[] {
  const unknown = new Map<string, Set<string>>();
  const look = (node: string, name: string, how: string) => {
    if (view.nodes.has(name) || name === END || name === START) return;
    unknown.set(node, (unknown.get(node) ?? new Set()).add(`${how} "${name}"`));
  };
  const lookAll = (node: string, found: readonly Goto[]) => {
    for (const { names, sent } of found)
      for (const name of names) look(node, name, sent ? "a Send to" : "a goto to");
  };
  if (!view.stateGraph) return [];
  for (const { name, ends, reach, handler } of view.nodes.values()) {
    for (const end of ends) look(name, end, "ends names");
    lookAll(name, [...gotosOf(reach.functions), ...gotosOf(handler?.reach.functions ?? [])]);
  }
  lookAll("setNodeDefaults", gotosOf(view.defaults.handler?.reach.functions ?? []));
  for (const [from, to] of view.edges) {
    look(from, from, "an edge from");
    look(from, to, "an edge to");
  }
  for (const { from, ends, reach } of view.branches) {
    for (const end of ends ?? []) look(from, end, "a conditional edge to");
    const [router] = reach.functions.filter(({ users }) => users);
    lookAll(from, gotosOf(reach.functions));
    // Where the targets are listed, an answer is a key of that list.
    if (router !== undefined && ends === undefined) lookAll(from, routerAnswers(router));
  }
  return [...unknown].map(([node, seen]) => ({ node, trap: "goto-nowhere", seen: [...seen].join(", ") }));
}
