/**
 * Nodes that a Send started. Their payload exists nowhere in state, so whoever goes back to one sends it again: a goto
 * by name would run the node once, on the whole state, for all the branches of the fan-out.
 */
import { type LangGraphRunnableConfig, Send } from "@langchain/langgraph";
import type { FaultRecord } from "../faults/index.ts";

/** True in a task that a Send started, and in the error handler of one (measured on LangGraph 1.7.3). */
export function wasSent(config: LangGraphRunnableConfig | undefined): boolean {
  const path: unknown = config?.metadata?.["langgraph_path"];
  return Array.isArray(path) && path[0] === "__pregel_push";
}

/** Where a failed node runs again: by its name, or on its payload. */
export function backTo(record: FaultRecord, payload = record.sent): string | Send {
  return record.sent === undefined ? record.node : sendAgain(record.node, payload, record);
}

/** Sends it again. The payload's `faults` gets the record, so that the node finds the fault and its answer there. */
export function sendAgain<Node extends string>(
  node: Node,
  payload: unknown,
  record: FaultRecord,
): Send<Node> {
  return new Send(
    node,
    isPayload(payload) ? { ...payload, faults: [...met(payload), dealtWith(record)] } : payload,
  );
}

/** The record without what only the way back needs. */
export function dealtWith({ sent: _sent, visit: _visit, ...record }: FaultRecord): FaultRecord {
  return record;
}

/** True for a payload that can carry more than its own keys. */
export function isPayload(payload: unknown): payload is Record<string, unknown> {
  return (
    typeof payload === "object" && payload !== null && Object.getPrototypeOf(payload) === Object.prototype
  );
}

function met({ faults }: Record<string, unknown>): unknown[] {
  return Array.isArray(faults) ? faults : [];
}
