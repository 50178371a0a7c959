/** cockatiel's errors, by the brand fields that it tells them by itself: the work was not even tried, or cut off. */
import { read } from "../read.ts";
import type { Rule } from "../verdict.ts";

const brands: Readonly<Record<string, string>> = {
  isBrokenCircuitError: "circuit_open",
  isHydratingCircuitError: "circuit_open",
  isBulkheadRejectedError: "bulkhead_full",
  isTaskCancelledError: "timeout",
};

export const policyRule: Rule = (thrown) => {
  const brand = Object.keys(brands).find((field) => read(thrown, field) === true);
  const code = brand === undefined ? undefined : brands[brand];
  return code === undefined ? undefined : { category: "transient", code };
};
