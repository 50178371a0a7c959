export { type BackoffOptions, backoffMs, type Jitter } from "./backoff.ts";
export { parseRetryAfter } from "./retry-after.ts";
export { wait } from "./wait.ts";
