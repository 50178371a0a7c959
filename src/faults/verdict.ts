/** What a rule says about one error. Rules look at classes, brands, codes and statuses, never at prose. */
import type { Category } from "./category.ts";
import type { FaultOptions } from "./fault.ts";

export interface Verdict extends Omit<FaultOptions, "cause"> {
  category: Category;
  code: string;
  /** In place of the error's own message, where that is not fit to be read. */
  message?: string;
}

/** Undefined: this rule does not know the error, ask the next one. */
export type Rule = (thrown: unknown) => Verdict | undefined;

/** `code` in the form that fault codes have: ECONNRESET → econnreset, "NodeTimeoutError" → node_timeout_error. */
export function snakeCase(code: string): string {
  return code
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toLowerCase();
}
