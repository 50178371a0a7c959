/** Plays a service's faults around its handlers. What the handlers do and keep is real. */
import type { ServiceFault } from "../scene.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { type Answer, type Handler, type Outcome, refusal, type ServiceRequest } from "./http-server.ts";

/** Long enough to be noticed, short enough for a test. */
const slowMs = 300;

export interface Played {
  plan: FaultPlan;
  /** How many effects the thread has had so far; for `downAfter` and `limitedAfter`. */
  effectsOf(thread: string): Promise<number>;
}

/** A handler that needs a key. @returns 400 without one. */
export type KeyedHandler = (request: ServiceRequest & { key: string }) => Promise<Answer>;

/**
 * Makes an effect: fails as the scene or the rate has it, and always once the thread is past what it may have.
 */
export function effect({ plan, effectsOf }: Played, handle: KeyedHandler): Handler {
  return keyed(async (request) => {
    const { downAfter = Infinity, limitedAfter = Infinity } = plan.sceneOf(request.thread);
    const least = Math.min(downAfter, limitedAfter);
    const effects = least < Infinity ? await effectsOf(request.thread) : 0;
    if (effects >= downAfter) return unavailable();
    if (effects >= limitedAfter) return limited();
    return play(plan.next(request.thread, request.key), () => handle(request));
  });
}

/** Takes an effect back: as {@link effect}, but works on while the service is down, unless the scene forbids that too. */
export function undoing({ plan, effectsOf }: Played, handle: KeyedHandler): Handler {
  return keyed(async (request) => {
    const { downAfter, cancelsDown } = plan.sceneOf(request.thread);
    const down = cancelsDown === true && downAfter !== undefined;
    if (down && (await effectsOf(request.thread)) >= downAfter) return unavailable();
    return play(plan.next(request.thread, request.key), () => handle(request));
  });
}

function keyed(handle: (request: ServiceRequest & { key: string }) => Promise<Outcome>): Handler {
  return async ({ key, ...rest }) =>
    key === undefined
      ? refusal(400, "no_key", "the header Idempotency-Key is missing: it makes a repeated request harmless")
      : handle({ ...rest, key });
}

async function play(fault: ServiceFault | undefined, work: () => Promise<Answer>): Promise<Outcome> {
  switch (fault) {
    case "503":
      return unavailable();
    case "429":
      return limited({ "retry-after": "1" });
    case "reset_before":
      return "reset";
    case "reset_after":
      await work();
      return "reset";
    case "slow":
      await new Promise((resolve) => setTimeout(resolve, slowMs));
      return work();
    case undefined:
      return work();
  }
}

function unavailable(): Answer {
  return refusal(503, "unavailable", "the service is unavailable");
}

function limited(headers?: Record<string, string>): Answer {
  return refusal(429, "too_many_requests", "too many requests", headers);
}
