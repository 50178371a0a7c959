/**
 * The effect ledger: what was done to the world, and how to take it back.
 *
 * An interface. `memoryLedger` serves tests and trials, `checkpoints/ledger.ts` keeps it in Postgres; both pass the
 * suite in test/spec/effect-ledger.ts. Nodes don't call it: they use `effects` and `createSaga` over it.
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
  readonly attempts: number;
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
  /** Why it is stuck. */
  readonly problem?: string;
}

export interface EffectLedger<Tx> {
  /** @throws Fault unexpected "effect_args_changed" when the key was claimed with other args. */
  claim(effect: EffectClaim): Promise<Claim>;
  record(key: string, result: Json): Promise<void>;
  /**
   * An effect inside the ledger's own database: claim, run and record in one transaction, so it is exactly once.
   *
   * @param run - Uses `tx` and nothing else of that database; what it throws rolls everything back.
   */
  transact(effect: EffectClaim, run: (tx: Tx) => Promise<Json>): Promise<Json>;
  /** In the order in which they were first claimed. */
  entries(thread: string): Promise<EffectEntry[]>;
  /** Registering a step again changes nothing. */
  register(step: StepRegistration): Promise<void>;
  /** In the order in which they were registered. */
  steps(saga: string): Promise<SagaStep[]>;
  settle(saga: string, name: string, status: "undone" | "stuck", problem?: string): Promise<void>;
}
