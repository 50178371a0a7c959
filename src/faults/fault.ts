/** PLACEHOLDER by LEAD until KIT's version lands: overwrite freely. */
export const categories = [
  "transient",
  "llm-recoverable",
  "user-fixable",
  "compensable",
  "unexpected",
] as const;
export type Category = (typeof categories)[number];
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export interface FaultOptions {
  cause?: unknown;
  retryAfterMs?: number;
  details?: { [key: string]: Json };
}
const brand = Symbol.for("faultline.fault");
export class Fault extends Error {
  readonly category: Category;
  readonly code: string;
  readonly retryAfterMs?: number;
  readonly details?: { [key: string]: Json };
  constructor(category: Category, code: string, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = `Fault:${category}:${code}`;
    this.category = category;
    this.code = code;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    if (options.details !== undefined) this.details = options.details;
    Object.defineProperty(this, brand, { value: true });
  }
}
export function isFault(error: unknown): error is Fault {
  return typeof error === "object" && error !== null && (error as { [brand]?: boolean })[brand] === true;
}
export interface FaultRecord {
  id: string;
  node: string;
  category: Category;
  code: string;
  message: string;
  attempts: number;
  details?: { [key: string]: Json } | undefined;
  route?: string | undefined;
  answer?: string | undefined;
  settled?: boolean | undefined;
}
export function faultRecord(
  fault: Fault,
  { id, node, attempts }: { id: string; node: string; attempts: number },
): FaultRecord {
  const { category, code, message, details } = fault;
  return { id, node, category, code, message, attempts, ...(details === undefined ? {} : { details }) };
}
