/**
 * An error that somebody has put into one of the five categories.
 *
 * Throw one where you know more than the error's class can tell: a refused tool argument, an answer that breaks a
 * rule, a missing piece of information. Everything else becomes one by `classify`. Control flow never does.
 */
import { type Category, isCategory } from "./category.ts";
import { read } from "./read.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface FaultOptions {
  /** What was thrown in the first place. */
  cause?: unknown;
  /** How long the other side asked to wait, in ms. */
  retryAfterMs?: number;
  /** Data for whoever mends it. After a crash they are found in state (`FaultRecord`) only, never on the error. */
  details?: { [key: string]: Json };
}

/** By symbol, not by class: two copies of this module in one process must know each other's faults. */
const brand = Symbol.for("faultline.fault");

/**
 * Its name is `Fault:<category>:<code>`: of an error in a checkpoint LangGraph keeps `{ name, message }` and nothing
 * else (measured on 1.7.3: B8), so what must survive a crash stands in the name. It is never frozen, since LangGraph
 * writes a property on each error it meets and loses a frozen one (B12).
 */
export class Fault extends Error {
  readonly category: Category;
  /** snake_case: what happened, for code to compare. */
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
  return read(error, brand) === true;
}

/** Category and code from the name of a fault that was rebuilt from a checkpoint. Undefined for any other name. */
export function parseFaultName(name: string): { category: Category; code: string } | undefined {
  const [, category, code] = /^Fault:([a-z-]+):(.+)$/.exec(name) ?? [];
  if (category === undefined || code === undefined || !isCategory(category)) return undefined;
  return { category, code };
}
