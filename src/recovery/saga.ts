/**
 * Sagas: steps that are taken back in reverse when the whole cannot be finished (backward recovery, Garcia-Molina
 * and Salem 1987).
 *
 * Each step's compensation stands in the ledger before the step runs, so a step that happened but whose answer was
 * lost is undone too (docs/adr/0008). A graph undoes one step a superstep: `undoNext` in a node that goes back to
 * itself. Not for effects that nobody takes back, such as a mail: these go through `once`.
 */
import { type EventRuntime, emit } from "../events/index.ts";
import { Fault, type Json } from "../faults/index.ts";
import { crashPoint } from "./crash-point.ts";
import { keyOf } from "./effect-key.ts";
import type { EffectClaim, EffectLedger, SagaStep } from "./effect-ledger.ts";
import { type EffectRuntime, effectRunner, type OnceOptions, type Outcome } from "./effect-runner.ts";
import { threadOf } from "./effects.ts";

/**
 * Takes one step back. It may be called again after a failure, under the same key.
 *
 * `run` works over a network. It must tolerate that its step never happened (`outcome` "unknown", `result` null), and
 * keep one from happening later, as far as the other side can: a request may still be on its way. `within` works in
 * the ledger's transaction, and sees steps made by `stepWithin` only when they were made.
 */
export type Undo<Tx> =
  | { readonly run: (step: SagaStep, key: string) => Promise<void> }
  | { readonly within: (tx: Tx, step: SagaStep, key: string) => Promise<void> };

export interface StepDescription {
  /**
   * Names the saga over all threads. Its steps are keyed by it and not by the node's task (docs/adr/0009), so that a
   * node that runs anew after a fix does not make its steps a second time.
   */
  readonly saga: string;
  /** Unique within the saga. */
  readonly name: string;
  /** What the step is made with, and all that its undo gets besides the result. Plain JSON. */
  readonly args: Json;
  /** A key of the saga's `undo` table. */
  readonly undo: string;
}

type SagaRuntime = EffectRuntime & EventRuntime & { metadata?: Record<string, unknown> | undefined };

/** Steps in the order made. One that was registered and never begun is in no list. */
export interface SagaReport {
  /** Done, or begun with an unknown outcome. `problem` says why its last undo failed. */
  readonly standing: readonly SagaStep[];
  readonly undone: readonly SagaStep[];
  /** Left to people, with the `problem`. */
  readonly stuck: readonly SagaStep[];
}

export interface Saga<Tx> {
  /**
   * An effect over a network, with its compensation. Made once, as by `once`.
   *
   * @throws As `once`; Fault unexpected "no_undo" before anything is made, when the table has no such undo, and
   *   "step_settled" when the step was taken back or is stuck: a new try needs a new saga.
   */
  step<T>(
    runtime: SagaRuntime,
    step: StepDescription,
    run: (key: string) => Promise<T>,
    options?: OnceOptions<T>,
  ): Promise<T>;
  /**
   * An effect in the ledger's database, with its compensation. Made once, as by `onceWithin`.
   *
   * @throws As `step`.
   */
  stepWithin<T>(
    runtime: SagaRuntime,
    step: StepDescription,
    run: (tx: Tx, key: string) => Promise<T>,
  ): Promise<T>;
  /**
   * Undoes the last step that still stands. One that a timed-out body in this process still makes is waited for.
   *
   * @returns The step, or undefined when nothing stands any more.
   * @throws What the undo threw: the step still stands, and a further call tries it again.
   */
  undoNext(runtime: SagaRuntime, saga: string): Promise<SagaStep | undefined>;
  /**
   * Gives up on the step whose undo failed or was cut short last, and leaves it to people; `undoNext` goes on with the
   * one before.
   * Called again, in a node that runs again, it does nothing: the next step's undo has not failed.
   */
  leaveStuck(runtime: SagaRuntime, saga: string, problem: string): Promise<void>;
  /** The exact list: what stands, what was undone, what is stuck. */
  report(saga: string): Promise<SagaReport>;
}

export function createSaga<Tx>(
  ledger: EffectLedger<Tx>,
  undos: Readonly<Record<string, Undo<Tx>>>,
): Saga<Tx> {
  const { made, madeWithin, quiet } = effectRunner(ledger);

  async function registered<T>(
    runtime: SagaRuntime,
    { saga, name, args, undo }: StepDescription,
    make: (effect: EffectClaim) => Promise<Outcome>,
  ): Promise<T> {
    runtime.signal?.throwIfAborted();
    undoOf(undo);
    const effect = { key: keyOf(saga, name), thread: threadOf(runtime), name, args };
    const status = await ledger.register(effect.thread, { saga, name, args, undo, effect: effect.key });
    if (status !== "open") {
      throw new Fault(
        "unexpected",
        "step_settled",
        `step "${name}" of saga "${saga}" is ${status}: make it in a new saga`,
      );
    }
    const { result, fresh } = await make(effect);
    // A zombie's writer is dead, and the retry that joined it tells.
    if (fresh && runtime.signal?.aborted !== true) tell(runtime, "step_done", name);
    return result as T;
  }

  function undoOf(name: string): Undo<Tx> {
    const undo = Object.hasOwn(undos, name) ? undos[name] : undefined;
    if (undo === undefined) throw new Fault("unexpected", "no_undo", `the saga has no undo "${name}"`);
    return undo;
  }

  async function takeBack(runtime: SagaRuntime, step: SagaStep): Promise<void> {
    const undo = undoOf(step.undo);
    const { saga, args } = step;
    const key = keyOf(saga, step.name, "undo");
    const effect = { key, thread: threadOf(runtime), name: `undo ${step.name}`, args };
    if ("within" in undo) await madeWithin(runtime, effect, (tx, key) => undo.within(tx, step, key));
    else await made(runtime, effect, (key) => undo.run(step, key));
  }

  async function lastStanding(saga: string): Promise<SagaStep | undefined> {
    return (await ledger.steps(saga)).findLast(({ status }) => status === "open");
  }

  return {
    step: (runtime, step, run, options) =>
      registered(runtime, step, (effect) => made(runtime, effect, run, options)),
    stepWithin: (runtime, step, run) =>
      registered(runtime, step, (effect) => madeWithin(runtime, effect, run)),

    async undoNext(runtime, saga) {
      for (;;) {
        runtime.signal?.throwIfAborted();
        const last = await lastStanding(saga);
        if (last === undefined) return undefined;
        // What a timeout or a crash cuts short leaves this, so that people can give the step up.
        await ledger.settle(threadOf(runtime), saga, last.name, "open", "its undo began and did not end");
        await quiet(runtime, last.effect);
        const step = await lastStanding(saga);
        if (step?.name !== last.name) continue;
        if (step.outcome === "none") {
          await ledger.settle(threadOf(runtime), saga, step.name, "undone");
          continue;
        }
        await takeBack(runtime, step).catch(async (failure: unknown) => {
          // An aborted body must not open again what people have given up meanwhile.
          if (runtime.signal?.aborted === true) throw failure;
          // For the report. If it cannot be noted either, the undo's own failure is the one to hear of.
          await ledger.settle(threadOf(runtime), saga, step.name, "open", messageOf(failure)).catch(() => {});
          throw failure;
        });
        crashPoint("inside-compensation");
        await ledger.settle(threadOf(runtime), saga, step.name, "undone");
        tell(runtime, "step_undone", step.name);
        return step;
      }
    },

    async leaveStuck(runtime, saga, problem) {
      const step = await lastStanding(saga);
      if (step?.problem === undefined) return;
      await ledger.settle(threadOf(runtime), saga, step.name, "stuck", problem);
      emit(runtime, { type: "step_stuck", node: nodeOf(runtime), step: step.name, message: problem });
    },

    async report(saga) {
      const steps = (await ledger.steps(saga)).filter(({ outcome }) => outcome !== "none");
      const those = (status: SagaStep["status"]) => steps.filter((step) => step.status === status);
      return { standing: those("open"), undone: those("undone"), stuck: those("stuck") };
    },
  };
}

function tell(runtime: SagaRuntime, type: "step_done" | "step_undone", step: string): void {
  emit(runtime, { type, node: nodeOf(runtime), step });
}

function nodeOf(runtime: SagaRuntime): string {
  return String(runtime.metadata?.["langgraph_node"] ?? "");
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
