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

/** Every failed node of these records: by name, once, or with its own payload. */
export function backTo(records: readonly FaultRecord[]): (string | Send)[] {
  const named = records.filter(({ sent }) => sent === undefined);
  const sent = records.filter(({ sent }) => sent !== undefined);
  return [
    ...new Set(named.map(({ node }) => node)),
    ...sent.map((record) => sendAgain(record.node, record.sent, record)),
  ];
}

/** The payload's `faults` gets the record, so that the node finds the fault and its answer as others do in state. */
export function sendAgain<Node extends string>(
  node: Node,
  payload: unknown,
  record: FaultRecord,
): Send<Node> {
  const args = isPlain(payload) ? { ...payload, faults: [...met(payload), dealtWith(record)] } : payload;
  return new Send(node, args);
}

/** The record without the payload, which nobody needs any more. */
export function dealtWith({ sent: _, ...record }: FaultRecord): FaultRecord {
  return record;
}

function isPlain(payload: unknown): payload is Record<string, unknown> {
  return (
    typeof payload === "object" && payload !== null && Object.getPrototypeOf(payload) === Object.prototype
  );
}

function met({ faults }: Record<string, unknown>): unknown[] {
  return Array.isArray(faults) ? faults : [];
}
