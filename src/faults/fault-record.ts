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
}

/** A gateway's whole HTML page can be a message, and state is written again and again. */
const longestMessage = 2_000;

/** The record of a fault. A message of more than 2,000 characters is cut. */
export function faultRecord(
  fault: Fault,
  { id, node, attempts }: Pick<FaultRecord, "id" | "node" | "attempts">,
): FaultRecord {
  const { category, code, details } = fault;
  const message =
    fault.message.length > longestMessage ? `${fault.message.slice(0, longestMessage - 1)}…` : fault.message;
  return { id, node, category, code, message, attempts, ...(details === undefined ? {} : { details }) };
}
