/**
 * cockatiel's circuit breaker, as `breaker` needs it: its state by name, the time until a probe, and a way to put it
 * into a state that was decided elsewhere, by starting another one from there.
 *
 * @see docs/adr/0019-breakers-and-bulkheads.md for where cockatiel 3.2.1 differs from what is wanted.
 */
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhenResult,
} from "cockatiel";
import type { Evidence } from "./breaker-evidence.ts";

export type BreakerState = "closed" | "open" | "half_open" | "isolated";

/** How a call ended. */
export interface Ended<T> {
  readonly evidence: Evidence;
  /** Gives what the call gave, or throws what it threw. */
  readonly result: () => T;
}

export interface Circuit {
  readonly state: BreakerState;
  /** Until a probe may be made, in ms. 0 unless open. */
  readonly leftMs: number;
  /** Failures in a row while closed. */
  failures: number;
  /**
   * Makes a call that counts. In the open state, with nothing left of `leftMs`, it is the probe.
   *
   * @param call - Must not throw. `counts` tells whether how it ends may still decide anything: not once the state has
   *   changed since it began, though it may have changed back.
   */
  execute<T>(call: (counts: () => boolean) => Promise<Ended<T>>): Promise<T>;
  /** Not heard by `onChange`. */
  become(state: "closed" | "open", leftMs: number): void;
  isolate(): () => void;
}

const names: Record<CircuitState, BreakerState> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half_open",
  [CircuitState.Isolated]: "isolated",
};

export function openCircuit(
  after: number,
  openMs: number,
  onChange: (to: BreakerState, from: BreakerState) => void,
): Circuit {
  let counter: ConsecutiveBreaker;
  let policy: CircuitBreakerPolicy;
  let changes = 0;
  start();

  /** @param initialState - As cockatiel's own `toJSON` gives it. */
  function start(initialState?: object): void {
    const count = new ConsecutiveBreaker(after);
    const started = circuitBreaker(
      handleWhenResult((ended) => (ended as Ended<unknown>).evidence === "failure"),
      { breaker: count, halfOpenAfter: openMs, ...(initialState && { initialState }) },
    );
    let last = names[started.state];
    started.onStateChange((state) => {
      const from = last;
      last = names[state];
      // cockatiel keeps the count where a breaker is closed by hand.
      if (last === "closed") count.state = 0;
      if (started !== policy) return;
      changes += 1;
      onChange(last, from);
    });
    counter = count;
    policy = started;
    changes += 1;
  }

  return {
    get state() {
      return names[policy.state];
    },
    get leftMs() {
      if (policy.state !== CircuitState.Open) return 0;
      const { ownState } = policy.toJSON() as { ownState: { openedAt: number } };
      return Math.max(0, ownState.openedAt + openMs - Date.now());
    },
    get failures() {
      return counter.state;
    },
    set failures(count) {
      counter.state = count;
    },
    async execute<T>(call: (counts: () => boolean) => Promise<Ended<T>>) {
      const begun = policy.state === CircuitState.Open ? changes + 1 : changes;
      const ended = policy.execute(async () => {
        const how = await call(() => changes === begun);
        if (how.evidence === "nothing") throw new Uncounted(how);
        return how;
      });
      const { result } = await ended.catch((error: unknown) => {
        if (error instanceof Uncounted) return error.ended as Ended<T>;
        throw error;
      });
      return result();
    },
    become(state, leftMs) {
      if (state === "closed") start();
      else
        start({
          ownState: { value: CircuitState.Open, openedAt: Date.now() + leftMs - openMs, attemptNo: 1 },
          breakerState: after,
        });
    },
    isolate() {
      const held = policy.isolate();
      return () => held.dispose();
    },
  };
}

/** cockatiel counts what is returned, one way or the other, and not what is thrown. */
class Uncounted {
  readonly ended: unknown;

  constructor(ended: unknown) {
    this.ended = ended;
  }
}
