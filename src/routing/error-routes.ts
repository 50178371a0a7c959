/**
 * The five-category table as code: what LangGraph does when a node fails.
 *
 * `errorRoutes` takes a graph's table once; the function it returns yields plain `addNode` options for each node.
 * Not for subgraph nodes: a retry on one re-runs the subgraph from its start, and its inner nodes have routes of
 * their own. What leaves a subgraph is what its `bubble_up` threw, and that belongs to the caller; what a supervisor
 * escalates belongs to the graph around it, by `escalations`.
 */
import type { RetryPolicy, TimeoutPolicy } from "@langchain/langgraph";
import { type ErrorHandler, handler } from "./handler.ts";
import { type NodePolicy, policyFrom, retryPolicyOf } from "./policy.ts";
import { checkRoutes, type Routes, targets } from "./table.ts";

/** The table of a graph, or one node's rows that differ from it. */
export interface ErrorTable<Node extends string> extends Routes<Node>, Partial<NodePolicy> {
  /**
   * One attempt may take so long, in ms from 250, waits before it not counted. Then it is aborted and counts as
   * transient. Default none.
   */
  readonly timeoutMs?: number;
}

/** What one node may say besides the table. */
export interface NodeRows<Node extends string> extends Partial<ErrorTable<Node>> {
  /** Targets that the node itself goes to by Command, so that they are drawn and checked too. */
  readonly goto?: readonly Node[];
}

/** LangGraph's own `addNode` options. */
export interface RoutedOptions<Node extends string> {
  retryPolicy: RetryPolicy;
  errorHandler: ErrorHandler<Node>;
  ends: Node[];
  metadata: { faultline: NodePolicy };
  timeout?: TimeoutPolicy;
}

/**
 * @param table - Where each category goes. A row left out falls to the next: llm-recoverable and user-fixable to
 *   `compensable`, compensable to `unexpected`.
 * @returns `routed(rows?)`, the options of one node; `rows` override the table for it.
 * @throws RangeError when a number in the table is out of range; it names the field.
 *
 * @example
 * ```ts
 * const routed = errorRoutes({
 *   llmRecoverable: { backTo: "planner", rounds: 3 },
 *   userFixable: "ask_customer",
 *   compensable: "compensate",
 *   unexpected: "bubble_up",
 * });
 * builder.addNode("charge", guarded(charge), routed({ timeoutMs: 10_000 }));
 * ```
 */
export function errorRoutes<const Node extends string>(table: ErrorTable<Node>) {
  return <const More extends string = never>(
    rows: NodeRows<Node | More> = {},
  ): RoutedOptions<Node | More> => {
    const {
      timeoutMs,
      goto = [],
      ...merged
    }: ErrorTable<Node | More> & NodeRows<Node | More> = { ...table, ...rows };
    const policy = policyFrom(merged);
    checkRoutes(merged);
    checkTimeout(timeoutMs);
    return {
      retryPolicy: retryPolicyOf(policy),
      errorHandler: handler(merged),
      ends: [...new Set([...targets(merged), ...goto])],
      metadata: { faultline: policy },
      // Only guarded's heartbeat refreshes it, so that a wait before an attempt does not eat the attempt's time.
      ...(timeoutMs === undefined
        ? {}
        : { timeout: { idleTimeout: timeoutMs, refreshOn: "heartbeat" as const } }),
    };
  };
}

/**
 * The options of a supervisor's node: what it escalates goes where the table says. Without a retry policy, which would
 * run the supervisor from its start, and without a timeout: its children's nodes have theirs.
 *
 * @param routes - Rows left out fall to the next, as in `errorRoutes`.
 */
export function escalations<const Node extends string>(
  routes: Routes<Node>,
): Pick<RoutedOptions<Node>, "errorHandler" | "ends"> {
  checkRoutes(routes);
  return { errorHandler: handler(routes), ends: targets(routes) };
}

/** A wait beats every 100 ms; a shorter timeout than this could take a busy machine's late beat for a hang. */
const SHORTEST_TIMEOUT = 250;

function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs >= SHORTEST_TIMEOUT))
    throw new RangeError(
      `errorRoutes: timeoutMs must be a number from ${SHORTEST_TIMEOUT}, got ${timeoutMs}`,
    );
}
