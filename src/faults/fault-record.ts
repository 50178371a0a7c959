/** What state keeps of a fault: plain JSON, so that it survives a crash whole. */
import type { Category } from "./category.ts";
import type { Fault, Json } from "./fault.ts";

export interface FaultRecord {
  /** Unique in the thread; a record merged twice is one record. */
  id: string;
  /** The node that failed. */
  node: string;
  category: Category;
  code: string;
  message: string;
  /** Attempts of the node up to this fault, from 1. */
  attempts: number;
  details?: { [key: string]: Json } | undefined;
  /** Where the fault was sent. */
  route?: string | undefined;
  /** What a person answered. */
  answer?: string | undefined;
  /** True once the route has dealt with it. */
  settled?: boolean | undefined;
  /** Checkpoint namespace of the task that failed, or that it stood in for. While somebody may go back to the node. */
  visit?: string | undefined;
  /** The payload of the Send that the node failed on. While somebody may go back to the node. */
  sent?: unknown;
}

/** A gateway's whole HTML page can be a message, and state is written again and again. */
const longestMessage = 2_000;

/** The record of a fault. A message of more than 2,000 characters is cut, and details are made plain JSON. */
export function faultRecord(
  fault: Fault,
  { id, node, attempts }: Pick<FaultRecord, "id" | "node" | "attempts">,
): FaultRecord {
  const { category, code } = fault;
  const details = plain(fault.details);
  const message =
    fault.message.length > longestMessage ? `${fault.message.slice(0, longestMessage - 1)}…` : fault.message;
  return { id, node, category, code, message, attempts, ...(details === undefined ? {} : { details }) };
}

/** What JSON cannot hold would be refused where state is checked, and the fault with it. */
function plain(details: unknown): { [key: string]: Json } | undefined {
  if (typeof details !== "object" || details === null) return undefined;
  try {
    return JSON.parse(
      JSON.stringify({ ...details }, (_key, value: unknown) =>
        typeof value === "bigint" ? `${value}` : value,
      ),
    );
  } catch {
    return undefined;
  }
}
