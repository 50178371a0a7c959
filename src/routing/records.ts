/** What routing writes into the fault channels and finds there: one record for each attempt that failed. */
import { Command, isCommand, type LangGraphRunnableConfig } from "@langchain/langgraph";
import type { Fault, FaultRecord } from "../faults/index.ts";
import { faultRecord } from "../faults/index.ts";
import type { FaultState } from "./channels.ts";
import { faultState } from "./fault-state.ts";
import { outer, taskNamespace } from "./namespace.ts";

/** The faults that were sent to this node and that it has not dealt with. Those of an outer graph are not its own. */
export function openFaults(runtime: LangGraphRunnableConfig, given: FaultState, self: string): FaultRecord[] {
  const graph = outer(taskNamespace(runtime));
  return (faultState(runtime, given).faults ?? []).filter(
    ({ route, visit, settled }) => route === self && settled !== true && outer(visit ?? "") === graph,
  );
}

/** What routing writes beside a node's own update. */
type Extra = Required<Pick<FaultState, "faults" | "rounds" | "spent">>;

/** The counter in the `rounds` channel that holds a node's retries. */
export const retriesKey = (node: string): string => `${node}:retries`;

/** Attempts that were retried so far, all nodes together. */
export function retriesSpent(rounds: Readonly<Record<string, number>>): number {
  return Object.entries(rounds).reduce((sum, [key, n]) => (key.endsWith(":retries") ? sum + n : sum), 0);
}

/**
 * The update for faults that a further attempt of the same task mended, or at least followed.
 *
 * @param rounds - The retries counted so far, these ones included.
 * @param spent - What the run has counted against the budgets since state did.
 */
export function retried(
  node: string,
  taskId: string,
  faults: readonly Fault[],
  rounds: Readonly<Record<string, number>>,
  spent: Record<string, number>,
): Extra {
  if (faults.length === 0) return { faults: [], rounds: {}, spent };
  const records = faults.map(
    (fault, index): FaultRecord => ({
      ...faultRecord(fault, { id: `${taskId}:${index + 1}`, node, attempts: index + 1 }),
      route: "retried",
    }),
  );
  const key = retriesKey(node);
  return { faults: records, rounds: { [key]: rounds[key] ?? faults.length }, spent };
}

/**
 * Adds what the node survived to what it returns, so that both stand in the same checkpoint. As a Command's tuples: these
 * may write a channel twice, and a node may write the fault channels itself.
 *
 * A Command to the parent graph gets a write beside it that changes nothing: from a node that has an error handler and
 * writes nothing else, LangGraph 1.7.3 takes it for a handled failure and drops it.
 */
export function survived<Update>(update: Update, extra: Extra): Update {
  if (isCommand(update) && update.graph === Command.PARENT)
    return [withExtra(update, extra), { rounds: {} }] as Update;
  return withExtra(update, extra);
}

function withExtra<Update>(update: Update, extra: Extra): Update {
  if (extra.faults.length === 0 && Object.keys(extra.spent).length === 0) return update;
  if (Array.isArray(update)) return [...update, extra] as Update;
  const command: CommandParts = isCommand(update) ? update : { update };
  const tuples = tuplesOf(command.update);
  if (tuples === undefined) return update;
  return new Command({ ...command, update: [...tuples, ...Object.entries(extra)] }) as Update;
}

type CommandParts = Partial<Pick<Command, "graph" | "goto" | "resume">> & { update?: unknown };

/** Undefined for what is no update: LangGraph says so better. */
function tuplesOf(update: unknown): [string, unknown][] | undefined {
  if (update === undefined || update === null) return [];
  if (Array.isArray(update)) return update as [string, unknown][];
  return typeof update === "object" ? Object.entries(update) : undefined;
}
