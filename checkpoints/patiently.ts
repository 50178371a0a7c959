/** Trying again while the database is away. For work that may be done twice; used by the saver and the leases. */
import { classify } from "#src/faults/index.ts";
import { backoffMs, wait } from "#src/retry/index.ts";

/** How long the database is waited for, in ms, where nobody says otherwise. */
export const defaultPatienceMs = 20_000;

/** Tries again while the database cannot be reached, for `patienceMs`. @throws What `run` threw last. */
export async function patiently<T>(patienceMs: number, run: () => Promise<T>): Promise<T> {
  const until = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!isTransient(error) || performance.now() > until) throw error;
      await wait(backoffMs({ attempt, baseMs: 50, capMs: 1_000, jitter: "equal" }));
    }
  }
}

/** A read-only server counts: after a failover it is the old primary, and the next connection may reach the new one. */
export function isTransient(error: unknown): boolean {
  const { category, code } = classify(error);
  return category === "transient" || code === "pg_25006";
}
