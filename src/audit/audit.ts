/**
 * Reads a built graph and says where LangGraph.js 1.7.3 will surprise its author when something fails.
 *
 * For anybody's graph: it needs to know nothing of this kit. Nothing is run and nothing of the graph is changed; see
 * docs/audit.md for what can be seen that way and what not. Not for a graph in production: it opens an inspector.
 */
import { reasonFor } from "./allowed.ts";
import { clients } from "./checks/clients.ts";
import { config } from "./checks/config.ts";
import { effects } from "./checks/effects.ts";
import { gotos } from "./checks/gotos.ts";
import { handOffs } from "./checks/hand-offs.ts";
import { handlers } from "./checks/handlers.ts";
import { interrupts } from "./checks/interrupts.ts";
import { moduleFindings } from "./checks/module.ts";
import { routes } from "./checks/routes.ts";
import { state } from "./checks/state.ts";
import { leftByDefaults, subgraphs } from "./checks/subgraphs.ts";
import { openClosures } from "./closures.ts";
import { parallelNodes } from "./fan-out.ts";
import { type Finding, type Found, traps } from "./finding.ts";
import { type GraphView, isGraph, viewGraph } from "./graph-view.ts";

export interface AuditOptions {
  /** What the findings call the graph. Default: the name that it was compiled with. */
  readonly name?: string;
  /** What else the graph's module exports: its model clients are looked at too. */
  readonly exports?: Readonly<Record<string, unknown>>;
  /** The text of the graph's file: what it runs the graph with is looked at too. */
  readonly source?: string;
}

const checks = [routes, subgraphs, handlers, handOffs, gotos, config, effects, clients, interrupts, state];

/**
 * @param graph - A compiled graph, a StateGraph that is not compiled yet, or a functional entrypoint.
 * @returns One finding for each node and trap, subgraphs included; those that the graph allows are marked so.
 * @throws TypeError for what is no graph.
 */
export function auditGraph(graph: unknown, options: AuditOptions = {}): Finding[] {
  if (!isGraph(graph))
    throw new TypeError(
      "auditGraph needs a graph of LangGraph.js: a StateGraph, what its compile() returns, or an entrypoint",
    );
  const closures = openClosures();
  try {
    const view = viewGraph(graph, [options.name ?? nameOf(graph)], closures);
    return [
      ...auditView(view),
      ...moduleFindings(view, graph, options).map((found) => findingIn(view, found)),
    ];
  } finally {
    closures.close();
  }
}

/** @param branch - True for what runs beside other nodes of a graph around it: what leaves it cancels these. */
function auditView(view: GraphView, parent?: GraphView, branch = false): Finding[] {
  // One finding on the subgraph stands for those on its nodes.
  const said = parent === undefined ? [] : leftByDefaults(parent, view);
  const own = checks
    .flatMap((check) => check(view))
    .filter(({ node, trap }) => !said.some((one) => one.node === node && one.trap === trap))
    .map(
      (found): Found =>
        branch && found.trap === "no-route" ? { ...found, trap: "fan-out-unrouted" } : found,
    );
  const parallel = parallelNodes(view);
  const inside = [...view.nodes.values()].flatMap(({ name, routed, subgraph }) =>
    subgraph === undefined ? [] : auditView(subgraph.view, view, !routed && (branch || parallel.has(name))),
  );
  return [...own.map((found) => findingIn(view, found)), ...inside];
}

function findingIn(view: GraphView, { node, trap, seen }: Found): Finding {
  const allowed = reasonFor(view, node, trap);
  return {
    graph: view.path.join("/"),
    node,
    trap,
    ...(seen === undefined ? {} : { seen }),
    ...traps[trap],
    ...(allowed === undefined ? {} : { allowed }),
  };
}

function nameOf(graph: object): string {
  const { name } = graph as { name?: unknown };
  return typeof name === "string" && name !== "" ? name : "graph";
}
