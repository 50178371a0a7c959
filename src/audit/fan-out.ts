/**
 * Which nodes may run beside others, as far as a graph shows it: several static edges from one node, a static edge beside
 * a conditional one, a list of names in a Command or a router, a Send. With them whatever follows on one of the branches
 * only.
 */

import { type Goto, gotosOf, routerAnswers } from "./gotos.ts";
import type { GraphView } from "./graph-view.ts";

export function parallelNodes(view: GraphView): ReadonlySet<string> {
  const after = successors(view);
  const parallel = new Set<string>();
  for (const targets of fanOuts(view)) {
    const branches = targets.map((target) => reachable(target, after));
    for (const target of targets) parallel.add(target);
    for (const branch of branches) {
      for (const node of branch) if (!branches.every((other) => other.has(node))) parallel.add(node);
    }
  }
  for (const { names, sent } of gotos(view)) if (sent) for (const name of names) parallel.add(name);
  return parallel;
}

/** Sets of nodes that begin in one superstep. */
function fanOuts(view: GraphView): string[][] {
  const from = new Map<string, Set<string>>();
  const add = (start: string, end: string) => {
    if (view.nodes.has(end)) from.set(start, (from.get(start) ?? new Set()).add(end));
  };
  for (const [start, end] of view.edges) add(start, end);
  for (const { from: start, ends = [] } of view.branches) {
    // One of them at least runs beside the static edges.
    if (from.has(start)) for (const end of ends) add(start, end);
  }
  const listed = gotos(view).map(({ names }) => names.filter((name) => view.nodes.has(name)));
  return [...[...from.values()].map((targets) => [...targets]), ...listed].filter(
    (targets) => targets.length > 1,
  );
}

/** Every place where a text lists targets that all run: a choice between two is no list. */
function gotos(view: GraphView): Goto[] {
  const nodes = [...view.nodes.values()].flatMap(({ reach, handler }) => [reach, handler?.reach]);
  const answers = view.branches.flatMap(({ reach, targets = {} }) =>
    reach.functions
      .filter(({ users }) => users)
      .flatMap(routerAnswers)
      .map((answer) => ({ ...answer, names: answer.names.map((name) => targets[name] ?? name) })),
  );
  const reached = [...nodes, ...view.branches.map(({ reach }) => reach), view.defaults.handler?.reach];
  return [...reached.flatMap((reach) => gotosOf(reach?.functions ?? [])), ...answers].filter(
    ({ all, sent }) => all || sent,
  );
}

function successors(view: GraphView): ReadonlyMap<string, ReadonlySet<string>> {
  const after = new Map<string, Set<string>>();
  const add = (start: string, end: string) => after.set(start, (after.get(start) ?? new Set()).add(end));
  for (const [start, end] of view.edges) add(start, end);
  for (const { from, ends } of view.branches) for (const end of ends ?? view.nodes.keys()) add(from, end);
  for (const { name, ends } of view.nodes.values()) for (const end of ends) add(name, end);
  return after;
}

function reachable(start: string, after: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const found = new Set([start]);
  for (const node of found) for (const next of after.get(node) ?? []) found.add(next);
  return found;
}
