export { type BackoffOptions, backoffMs, type Jitter } from "./backoff.ts";
export { spend } from "./budget.ts";
export { parseRetryAfter } from "./retry-after.ts";
export { wait } from "./wait.ts";
