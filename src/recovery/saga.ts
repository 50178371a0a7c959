/**
 * Sagas: steps that are taken back in reverse when the whole cannot be finished (backward recovery, Garcia-Molina
 * and Salem 1987).
 *
 * Each step's compensation stands in the ledger before the step runs, so a step that happened but whose answer was
 * lost is undone too; an undo must therefore tolerate that its step never happened. A graph undoes one step a
 * superstep: `undoNext` in a node that goes back to itself.
 */
import { type EventRuntime, emit } from "../events/index.ts";
import { Fault, type Json } from "../faults/index.ts";
import type { EffectClaim, EffectLedger, SagaStep } from "./effect-ledger.ts";
import { type EffectRuntime, effectRunner, threadOf } from "./effects.ts";

/** Takes one step back: over a network, or within the ledger's transaction. May be called again after a failure. */
export type Undo<Tx> =
  | { readonly run: (step: SagaStep, key: string) => Promise<void> }
  | { readonly within: (tx: Tx, step: SagaStep, key: string) => Promise<void> };

export interface StepDescription {
  /**
   * Names the saga over all threads. Its steps are keyed by it and not by the node's task, so that a node that runs
   * anew after a fix does not make its steps a second time.
   */
  readonly saga: string;
  /** Unique within the saga. */
  readonly name: string;
  readonly args: Json;
  /** A key of the saga's `undo` table. */
  readonly undo: string;
}

type SagaRuntime = EffectRuntime & EventRuntime & { metadata?: Record<string, unknown> | undefined };

export interface SagaReport {
  readonly standing: readonly SagaStep[];
  readonly undone: readonly SagaStep[];
  readonly stuck: readonly SagaStep[];
}

export interface Saga<Tx> {
  /** An effect over a network, with its compensation. Made once, as by `once`. */
  step<T>(runtime: SagaRuntime, step: StepDescription, run: (key: string) => Promise<T>): Promise<T>;
  /** An effect in the ledger's database, with its compensation. Made once, as by `onceWithin`. */
  stepWithin<T>(
    runtime: SagaRuntime,
    step: StepDescription,
    run: (tx: Tx, key: string) => Promise<T>,
  ): Promise<T>;
  /**
   * Undoes the last step that still stands.
   *
   * @returns The step, or undefined when nothing stands any more.
   * @throws What the undo threw: the step still stands, and a further call tries it again.
   */
  undoNext(runtime: SagaRuntime, saga: string): Promise<SagaStep | undefined>;
  /** Gives up on the step that `undoNext` would take, and leaves it to people. */
  leaveStuck(runtime: SagaRuntime, saga: string, problem: string): Promise<void>;
  /** The exact list: what stands, what was undone, what is stuck. */
  report(saga: string): Promise<SagaReport>;
}

export function createSaga<Tx>(
  ledger: EffectLedger<Tx>,
  undos: Readonly<Record<string, Undo<Tx>>>,
): Saga<Tx> {
  const { made, madeWithin } = effectRunner(ledger);

  async function registered<T>(
    runtime: SagaRuntime,
    { saga, name, args, undo }: StepDescription,
    make: (effect: EffectClaim) => Promise<T>,
  ): Promise<T> {
    runtime.signal?.throwIfAborted();
    undoOf(undo);
    const effect = { key: `${saga}|${name}`, thread: threadOf(runtime), name, args };
    await ledger.register({ saga, name, args, undo, effect: effect.key });
    return make(effect);
  }

  /** Says that the step is done once it was run and recorded; a replay says nothing. */
  function told<Args extends unknown[], T>(
    runtime: SagaRuntime,
    { name }: StepDescription,
    run: (...args: Args) => Promise<T>,
    make: (run: (...args: Args) => Promise<T>) => Promise<T>,
  ): Promise<T> {
    let ran = false;
    const noted = (...args: Args) => {
      ran = true;
      return run(...args);
    };
    return make(noted).then((result) => {
      if (ran) emit(runtime, { type: "step_done", node: nodeOf(runtime), step: name });
      return result;
    });
  }

  function undoOf(name: string): Undo<Tx> {
    const undo = undos[name];
    if (undo === undefined) throw new Fault("unexpected", "no_undo", `the saga has no undo "${name}"`);
    return undo;
  }

  async function undone(runtime: SagaRuntime, step: SagaStep): Promise<void> {
    const undo = undoOf(step.undo);
    const effect = {
      key: `${step.effect}|undo`,
      thread: threadOf(runtime),
      name: `undo ${step.name}`,
      args: step.args,
    };
    if ("within" in undo)
      await madeWithin(runtime, effect, async (tx, key) => (await undo.within(tx, step, key), null));
    else await made(runtime, effect, async (key) => (await undo.run(step, key), null));
  }

  async function lastStanding(saga: string): Promise<SagaStep | undefined> {
    return (await ledger.steps(saga)).findLast(({ status }) => status === "open");
  }

  return {
    step: (runtime, step, run) =>
      told(runtime, step, run, (noted) =>
        registered(runtime, step, (effect) => made(runtime, effect, noted)),
      ),
    stepWithin: (runtime, step, run) =>
      told(runtime, step, run, (noted) =>
        registered(runtime, step, (effect) => madeWithin(runtime, effect, noted)),
      ),

    async undoNext(runtime, saga) {
      const step = await lastStanding(saga);
      if (step === undefined) return undefined;
      runtime.signal?.throwIfAborted();
      if (step.outcome !== "none") await undone(runtime, step);
      await ledger.settle(saga, step.name, "undone");
      emit(runtime, { type: "step_undone", node: nodeOf(runtime), step: step.name });
      return step;
    },

    async leaveStuck(runtime, saga, problem) {
      const step = await lastStanding(saga);
      if (step === undefined) return;
      await ledger.settle(saga, step.name, "stuck", problem);
      emit(runtime, { type: "step_stuck", node: nodeOf(runtime), step: step.name, message: problem });
    },

    async report(saga) {
      const steps = await ledger.steps(saga);
      return {
        standing: steps.filter(({ status, outcome }) => status === "open" && outcome !== "none"),
        undone: steps.filter(({ status }) => status === "undone"),
        stuck: steps.filter(({ status }) => status === "stuck"),
      };
    },
  };
}

function nodeOf(runtime: SagaRuntime): string {
  return String(runtime.metadata?.["langgraph_node"] ?? "");
}
