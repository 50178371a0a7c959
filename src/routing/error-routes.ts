/**
 * The five-category table as code: what LangGraph does when a node fails.
 *
 * `errorRoutes` takes a graph's table once; the function it returns yields plain `addNode` options for each node.
 * Every handler answers with `Command({ goto })` and never throws: a handler's plain update ends the branch without
 * following an edge, and a handler that throws ends the thread for good (both measured on LangGraph 1.7.3).
 *
 * Not for subgraph nodes: a retry on one re-runs the subgraph from its start, and its inner nodes have routes of
 * their own. What leaves a subgraph is what its `bubble_up` threw, and that belongs to the caller.
 */
import {
  Command,
  type LangGraphRunnableConfig,
  type NodeError,
  type RetryPolicy,
  type TimeoutPolicy,
} from "@langchain/langgraph";
import { emit } from "../events/index.ts";
import { classify, faultRecord } from "../faults/index.ts";
import { attemptsOf, failedTask, rememberOriginal } from "./attempts.ts";
import type { FaultState } from "./channels.ts";
import { type NodePolicy, policyFrom, retryPolicyOf } from "./policy.ts";
import { retried } from "./records.ts";
import { decide, type Routes, targets } from "./table.ts";

/** The table of a graph, or one node's rows that differ from it. */
export interface ErrorTable<Node extends string> extends Routes<Node>, Partial<NodePolicy> {
  /** One attempt may take so long, waits before it not counted. Then it is aborted and counts as transient. Default none. */
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
  errorHandler: (
    state: FaultState,
    error: NodeError,
    config?: LangGraphRunnableConfig,
  ) => Command<unknown, FaultState, Node>;
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

function handler<Node extends string>(routes: Routes<Node>): RoutedOptions<Node>["errorHandler"] {
  return (state, { node, error }, config) => {
    // A sibling's failure cancelled it (B3): it never failed, and resumes here in place of its own body.
    if (error.name === "AbortError") return runAgain(state, node as Node);

    const fault = classify(error);
    const attempts = attemptsOf(config, failedTask(config));
    const { category, to, why, counter, round } = decide(routes, node, fault, state.rounds ?? {});
    const id = config?.executionInfo?.taskId ?? `${counter}:${round}`;
    rememberOriginal(config, id, fault);
    emit(config, { type: "routed", node, category, code: fault.code, to, why, round });

    const before = retried(state, node, failedTask(config), attempts.slice(0, -1));
    // In the category it ended in: a transient fault whose retries are spent is compensable from here on.
    const kept = faultRecord(fault, { id, node, attempts: Math.max(1, attempts.length) });
    const record = { ...kept, category, route: to };
    return new Command({
      goto: to,
      update: { faults: [...before.faults, record], rounds: { ...before.rounds, [counter]: round } },
    });
  };
}

function runAgain<Node extends string>(state: FaultState, node: Node): Command<unknown, FaultState, Node> {
  const counter = `${node}:cancelled`;
  return new Command({ goto: node, update: { rounds: { [counter]: (state.rounds?.[counter] ?? 0) + 1 } } });
}
