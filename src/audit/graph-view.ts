/**
 * A built graph as the checks read it: its nodes with what applies to each, its edges, and its subgraphs.
 *
 * The one place that knows how LangGraph.js 1.7.3 keeps a graph. By fields, never by class: a graph may come from
 * another copy of the package than ours.
 */
import type { Closures } from "./closures.ts";
import { dataProperty, isModelClient, isPregel } from "./kinds.ts";
import { type Reach, reachOf } from "./reach.ts";
import { callsOf } from "./source-text.ts";

export interface GraphView {
  /** The graph's name, and those of the nodes that lead to it. */
  readonly path: readonly string[];
  readonly nodes: ReadonlyMap<string, NodeView>;
  /** Static edges. Of a join, one for each of its starts. */
  readonly edges: readonly (readonly [from: string, to: string])[];
  readonly branches: readonly BranchView[];
  readonly defaults: { readonly retryPolicy?: unknown; readonly handler?: HandlerView };
  /** What `withConfig` bound. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The metadata of what it stands in, innermost first: its own bound, its node's in the parent, the parent's. */
  readonly around: readonly unknown[];
  /** True for a subgraph whose nodes are a package's, as those of LangChain's agents: nobody can add to them. */
  readonly prebuilt: boolean;
  /** The state's fields as they were declared: zod schemas, for most. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** True for StateGraph; a functional entrypoint has neither edges nor handlers. */
  readonly stateGraph: boolean;
}

export interface NodeView {
  readonly name: string;
  readonly runnable: unknown;
  /** The node's own, else the graph's default. */
  readonly retryPolicy: unknown;
  /** The node's own. */
  readonly handler: HandlerView | undefined;
  readonly routed: boolean;
  readonly ends: readonly string[];
  readonly defer: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly subgraph: SubgraphView | undefined;
  readonly reach: Reach;
}

export interface SubgraphView {
  readonly view: GraphView;
  /** True when the node is a function that calls it. */
  readonly byHand: boolean;
}

export interface HandlerView {
  readonly reach: Reach;
}

export interface BranchView {
  readonly from: string;
  readonly reach: Reach;
  /** The nodes that it says it leads to. Undefined: any. */
  readonly ends: readonly string[] | undefined;
  /** The same by what the router answers with. */
  readonly targets: Readonly<Record<string, string>> | undefined;
}

/** A graph of LangGraph's, compiled or not. What is asked of it is checked by {@link isGraph}. */
interface Built {
  readonly builder?: Builder;
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly name?: string;
}

interface Builder {
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  readonly edges: ReadonlySet<readonly [string, string]>;
  readonly waitingEdges?: ReadonlySet<readonly [readonly string[], string]>;
  readonly branches: Readonly<Record<string, Readonly<Record<string, BranchSpec>>>>;
  readonly _nodeDefaults?: { readonly retryPolicy?: unknown; readonly errorHandler?: unknown };
  readonly _schemaRuntimeDefinition?: {
    readonly shape?: Readonly<Record<string, unknown>>;
    readonly fields?: Readonly<Record<string, unknown>>;
  };
}

interface NodeSpec {
  readonly runnable?: unknown;
  readonly bound?: unknown;
  readonly retryPolicy?: unknown;
  readonly errorHandlerNode?: string;
  readonly isErrorHandler?: boolean;
  readonly ends?: readonly string[];
  readonly defer?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly subgraphs?: readonly unknown[];
}

interface BranchSpec {
  readonly path: unknown;
  readonly ends?: Readonly<Record<string, string>>;
}

/** True for what {@link viewGraph} can read: a compiled graph, a StateGraph that is not compiled yet, an entrypoint. */
export function isGraph(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const { nodes, edges, builder } = value as { nodes?: unknown; edges?: unknown; builder?: unknown };
  if (typeof nodes !== "object" || nodes === null) return false;
  return isPregel(value) || edges instanceof Set || typeof builder === "object";
}

export function viewGraph(graph: object, path: readonly string[], closures: Closures): GraphView {
  return read(graph, path, closures, new Set([graph]), []);
}

function read(
  graph: object,
  path: readonly string[],
  closures: Closures,
  above: Set<object>,
  outside: readonly unknown[],
): GraphView {
  const built = graph as Built;
  const around = [built.config?.metadata, ...outside];
  const builder = built.builder ?? ("edges" in graph ? (graph as Builder) : undefined);
  const specs = builder?.nodes ?? built.nodes;
  const reach = (start: unknown) =>
    reachOf(start, closures, (value) => isPregel(value) || isModelClient(value));
  const defaults = builder?._nodeDefaults ?? {};

  const subgraphOf = (name: string, spec: NodeSpec, reached: Reach): SubgraphView | undefined => {
    const given = spec.subgraphs?.[0] ?? [...reached.objects].find((value) => isPregel(value));
    if (given === undefined || above.has(given as object) || !isGraph(given)) return undefined;
    const byHand = reached.functions.some(({ text }) => callsOf(text, /\.(?:invoke|stream)/).length > 0);
    const inTheNode = reached.functions.length === 0;
    if (!inTheNode && !byHand && spec.subgraphs === undefined) return undefined;
    const inside = [...path, name];
    const view = read(given, inside, closures, new Set([...above, given]), [spec.metadata, ...around]);
    return { view, byHand: !inTheNode };
  };

  const nodes = new Map<string, NodeView>();
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.isErrorHandler === true || name.startsWith("__")) continue;
    const runnable = spec.runnable ?? spec.bound;
    const reached = reach(runnable);
    nodes.set(name, {
      name,
      runnable,
      retryPolicy: spec.retryPolicy ?? defaults.retryPolicy,
      handler:
        spec.errorHandlerNode === undefined
          ? undefined
          : { reach: reach(specs[spec.errorHandlerNode]?.runnable) },
      routed: spec.errorHandlerNode !== undefined || defaults.errorHandler !== undefined,
      ends: spec.ends ?? [],
      defer: spec.defer === true,
      metadata: spec.metadata ?? {},
      subgraph: subgraphOf(name, spec, reached),
      reach: reached,
    });
  }
  const { shape, fields } = builder?._schemaRuntimeDefinition ?? {};
  return {
    path,
    nodes,
    edges: [
      ...(builder?.edges ?? []),
      ...[...(builder?.waitingEdges ?? [])].flatMap(([starts, end]) =>
        starts.map((start) => [start, end] as const),
      ),
    ],
    branches: Object.entries(builder?.branches ?? {}).flatMap(([from, branches]) =>
      Object.values(branches).map(({ path: router, ends }) => ({
        from,
        reach: reach(router),
        ends: ends === undefined ? undefined : Object.values(ends),
        targets: ends,
      })),
    ),
    defaults: {
      ...(defaults.retryPolicy === undefined ? {} : { retryPolicy: defaults.retryPolicy }),
      ...(defaults.errorHandler === undefined ? {} : { handler: { reach: reach(defaults.errorHandler) } }),
    },
    config: built.config ?? {},
    around,
    prebuilt: above.size > 1 && [...nodes.values()].every((node) => isPackages(node, closures)),
    fields: shape ?? fields ?? {},
    stateGraph: builder !== undefined,
  };
}

function isPackages({ runnable }: NodeView, closures: Closures): boolean {
  if (typeof runnable !== "object" || runnable === null) return false;
  const func = dataProperty(runnable, "func");
  return typeof func === "function" && closures.of(func as CallableFunction).origin === "package";
}
