/**
 * A breaker's state where several processes see it, so that ten workers do not each burn failures of their own.
 *
 * An interface: `checkpoints/breaker-states.ts` keeps it in Postgres. Used by `breaker` alone, which goes on by itself
 * while the store is away. All times are the store's own, since machines' clocks differ.
 */

export interface SharedState {
  readonly state: "closed" | "open" | "half_open";
  /** Failures in a row while closed. */
  readonly failures: number;
  /** Open: until a probe may be made. Half-open: until the probe is given up for lost. In ms, 0 when that is over. */
  readonly leftMs: number;
  /** A whole number as text, higher after each change of state. "0": the store knows nothing of the breaker yet. */
  readonly turn: string;
}

/** Each method @throws whatever keeps the store from answering. */
export interface BreakerStates {
  load(name: string): Promise<SharedState>;
  /** Counts one more failure in a row, unless the breaker is not closed. */
  failed(name: string): Promise<SharedState>;
  /** The failures in a row begin anew, unless the breaker is not closed. */
  succeeded(name: string): Promise<void>;
  /**
   * Changes the state, atomically: of several that saw the same turn, one does. A probe (half_open) is taken only when
   * its time has come: the breaker is open, or half-open with a probe that is lost, and nothing is left of `leftMs`.
   *
   * @param turn - Of the state that the change follows from.
   * @param forMs - The new `leftMs`.
   * @returns The new state; undefined when it is not the caller's to change any more.
   */
  move(name: string, turn: string, to: SharedState["state"], forMs: number): Promise<SharedState | undefined>;
}
