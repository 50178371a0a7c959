/**
 * Which request to a service goes wrong, and how: by the scene of its thread, else by the rate for all threads.
 */
import { createHash } from "node:crypto";
import { type PaymentScene, type ServiceFault, serviceFaults } from "../scene.ts";

/** A rate never hits a request more often, so whoever tries three times gets through and every ticket ends the same. */
export const maxHitsInARow = 2;

export interface FaultPlan {
  /** Replaces what is left of the thread's scene. */
  scene(thread: string, scene: PaymentScene): void;
  sceneOf(thread: string): PaymentScene;
  /** What shall happen to this attempt. Takes the next fault off the scene, so call it once an attempt. */
  next(thread: string, key: string): ServiceFault | undefined;
}

interface ThreadPlan {
  scene: PaymentScene;
  /** How many of the scene's faults have been played. */
  played: number;
  /** By key: the number of the request on its thread, and its attempts so far. */
  requests: Map<string, { number: number; attempts: number }>;
}

/**
 * @param rate - The share of attempts that go wrong, 0 to 1.
 * @throws RangeError for a rate outside of that.
 */
export function faultPlan({
  service,
  rate,
  seed,
}: {
  service: string;
  rate: number;
  seed: number;
}): FaultPlan {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`fault rate of ${service} must be 0 to 1, got ${rate}`);
  const threads = new Map<string, ThreadPlan>();
  const planOf = (thread: string): ThreadPlan => {
    const plan = threads.get(thread) ?? { scene: {}, played: 0, requests: new Map() };
    threads.set(thread, plan);
    return plan;
  };
  return {
    scene(thread, scene) {
      Object.assign(planOf(thread), { scene, played: 0 });
    },
    sceneOf: (thread) => planOf(thread).scene,
    next(thread, key) {
      const plan = planOf(thread);
      const request = plan.requests.get(key) ?? { number: plan.requests.size + 1, attempts: 0 };
      plan.requests.set(key, { ...request, attempts: ++request.attempts });
      const staged = plan.scene.faults?.[plan.played];
      if (staged === undefined) return faultByRate({ seed, service, thread, rate, ...request });
      plan.played += 1;
      return staged;
    },
  };
}

/**
 * The decision for one attempt, from its arguments alone: other threads and the clock have no part in it.
 *
 * A request counts by its number on the thread and not by its key: keys hold ids that are new in each run, and the
 * same seed is to give the same faults in the next one.
 */
export function faultByRate(attempt: {
  seed: number;
  service: string;
  thread: string;
  number: number;
  attempts: number;
  rate: number;
}): ServiceFault | undefined {
  const { seed, service, thread, number, attempts, rate } = attempt;
  if (rate === 0 || attempts > maxHitsInARow) return undefined;
  const hash = createHash("sha256")
    .update(JSON.stringify([seed, service, thread, number, attempts]))
    .digest();
  if (hash.readUInt32BE(0) / 2 ** 32 >= rate) return undefined;
  return serviceFaults[hash.readUInt32BE(4) % serviceFaults.length];
}
