/**
 * The effect ledger: what was done to the world, and how to take it back.
 *
 * An interface. `memoryLedger` serves tests and trials, `checkpoints/ledger.ts` keeps it in Postgres; both pass the
 * suite in test/spec/effect-ledger.ts. Nodes don't call it: they use `effects` and `createSaga` over it. Arguments and
 * results are kept as `plainJson` makes them. Nothing is ever deleted: an entry lives as long as its checkpoints may.
 */
import type { Json } from "../faults/index.ts";

/** One effect of one node: the same over retries, resumes and processes, another on the node's next visit. */
export interface EffectClaim {
  /** Also the Idempotency-Key for the other side. */
  readonly key: string;
  readonly thread: string;
  readonly name: string;
  /** What the effect is made with. The same key with other args is a bug. */
  readonly args: Json;
}

export type Claim =
  /** Run it. From attempt 2 on an earlier run began and its outcome is not known. */
  { readonly status: "run"; readonly attempt: number } | { readonly status: "done"; readonly result: Json };

export interface EffectEntry extends EffectClaim {
  readonly status: "claimed" | "done";
  /** How often it was claimed before it was done; one made by `transact` has 1. */
  readonly attempts: number;
  /** null until it is done. */
  readonly result: Json;
}

/** A compensation, registered before its effect runs. */
export interface StepRegistration {
  readonly saga: string;
  /** Unique within the saga. */
  readonly name: string;
  /** The key of the effect that it takes back. */
  readonly effect: string;
  /** Which undo takes it back. */
  readonly undo: string;
  readonly args: Json;
}

export interface SagaStep extends StepRegistration {
  /** Order within the saga, from 1. */
  readonly seq: number;
  readonly status: "open" | "undone" | "stuck";
  /** What the ledger knows of the effect: never begun, begun with unknown outcome, or done with this result. */
  readonly outcome: "none" | "unknown" | "done";
  readonly result: Json;
  /** Why it is stuck, or why its last undo failed while it is open. */
  readonly problem?: string;
}

/** Every method that takes a key or a name: @throws Fault unexpected "text_not_storable". */
export interface EffectLedger<Tx> {
  /** @throws Fault unexpected "effect_args_changed" when the key was claimed with other args. */
  claim(effect: EffectClaim): Promise<Claim>;
  /**
   * Ends the claim.
   *
   * @returns The result that stands: the first one recorded.
   * @throws RangeError when nobody claimed the key.
   */
  record(key: string, result: Json): Promise<Json>;
  /**
   * An effect inside the ledger's own database: claim, run and record in one transaction, so it is exactly once.
   *
   * @param run - Uses `tx` and nothing else of that database; what it throws rolls everything back.
   * @throws Fault unexpected "effect_args_changed".
   */
  transact(effect: EffectClaim, run: (tx: Tx) => Promise<Json>): Promise<Json>;
  /** In the order in which they were first claimed. */
  entries(thread: string): Promise<EffectEntry[]>;
  /**
   * Registering a step again keeps its place. Its undo and args are those of the last registration before its effect
   * was claimed: they must fit the effect that was made.
   *
   * @param thread - The one that runs: under a lease of another process it is refused, as a claim is.
   * @returns How it stands, so that a step that was taken back is not made again.
   */
  register(thread: string, step: StepRegistration): Promise<SagaStep["status"]>;
  /** In the order in which they were first registered. */
  steps(saga: string): Promise<SagaStep[]>;
  /**
   * @param thread - As in `register`.
   * @param problem - Replaces the one that stands; left out, there is none any more.
   * @throws RangeError when the saga has no such step.
   */
  settle(
    thread: string,
    saga: string,
    name: string,
    status: SagaStep["status"],
    problem?: string,
  ): Promise<void>;
}
