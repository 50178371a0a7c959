/**
 * Effects made once: `once(runtime, name, args, run)` in a node, whatever retries, resumes, aborts or replays do.
 *
 * The key holds only under durability "sync": else the checkpoint that it is derived from may never have been saved
 * (measured on LangGraph 1.7.3). What must be atomic with the ledger goes through `onceWithin`. Not for steps that may
 * have to be taken back: these are a saga's. Two processes that run one thread at once are kept apart by
 * its lease, not here.
 */
import type { ExecutionInfo } from "@langchain/langgraph";
import { Fault, type Json } from "../faults/index.ts";
import { keyOf } from "./effect-key.ts";
import type { EffectClaim, EffectLedger } from "./effect-ledger.ts";
import { type EffectRuntime, effectRunner, type OnceOptions } from "./effect-runner.ts";

export interface EffectTools<Tx> {
  /**
   * An effect on the other side of a network.
   *
   * @param name - Names the effect within the node. Calls with one name are told apart by their order, so that order
   *   must be the same in every run of the node.
   * @param args - What it is made with, as plain JSON.
   * @param run - Makes it. `key` is its Idempotency-Key: the other side must do nothing twice under one key, since an
   *   effect whose outcome a crash has hidden is run again. Without such a side, give `reconcile`.
   * @returns What `run` returned, the first time or now, as JSON: a Date is a string, undefined is null.
   * @throws The signal's reason when the run was aborted: a zombie body makes no new effect.
   * @throws Fault unexpected "effect_args_changed", "text_not_storable", "no_execution_info" (outside a node),
   *   "question_within_effect" (`run` called `interrupt`, whose answer a replay would give to another question), and
   *   whatever `run` or `reconcile` throws; the claim then stays open.
   */
  once<T>(
    runtime: EffectRuntime,
    name: string,
    args: Json,
    run: (key: string) => Promise<T>,
    options?: OnceOptions<T>,
  ): Promise<T>;
  /**
   * An effect inside the ledger's database, in one transaction with its record: exactly once.
   *
   * @param run - Uses `tx` and nothing else of that database, no other effect either: the embedded database has one
   *   client, and would wait for itself.
   * @throws As `once`; what `run` threw leaves no trace.
   */
  onceWithin<T>(
    runtime: EffectRuntime,
    name: string,
    args: Json,
    run: (tx: Tx, key: string) => Promise<T>,
  ): Promise<T>;
  /**
   * A model call, recorded: a retry or resume of the node gets the stored answer, a new visit asks anew.
   *
   * @throws As `once`.
   */
  recorded<T>(runtime: EffectRuntime, name: string, run: () => Promise<T>): Promise<T>;
}

export function effects<Tx>(ledger: EffectLedger<Tx>): EffectTools<Tx> {
  const { made, madeWithin } = effectRunner(ledger);
  const tools: EffectTools<Tx> = {
    async once<T>(
      runtime: EffectRuntime,
      name: string,
      args: Json,
      run: (key: string) => Promise<T>,
      options?: OnceOptions<T>,
    ) {
      const { result } = await made(runtime, claimFor(runtime, name, args), run, options);
      // What the ledger gives back is what a `run` of this type put in.
      return result as T;
    },
    async onceWithin<T>(
      runtime: EffectRuntime,
      name: string,
      args: Json,
      run: (tx: Tx, key: string) => Promise<T>,
    ) {
      const { result } = await madeWithin(runtime, claimFor(runtime, name, args), run);
      return result as T;
    },
    recorded: (runtime, name, run) => tools.once(runtime, name, null, run),
  };
  return tools;
}

/** Calls of one attempt, by name. LangGraph makes a new ExecutionInfo for each attempt, so a retry counts anew. */
const callsOf = new WeakMap<ExecutionInfo, Map<string, number>>();

/** @throws Fault unexpected "no_execution_info" outside a node. */
function claimFor(runtime: EffectRuntime, name: string, args: Json): EffectClaim {
  const info = runtime.executionInfo;
  if (info === undefined) {
    throw new Fault(
      "unexpected",
      "no_execution_info",
      `effect "${name}" was made outside a node: it has no key there`,
    );
  }
  const calls = callsOf.get(info) ?? new Map<string, number>();
  callsOf.set(info, calls);
  const call = (calls.get(name) ?? 0) + 1;
  calls.set(name, call);
  const thread = threadOf(runtime);
  // The namespace ends in `node:taskId`, and the task id is the same over attempts and resumes of one visit.
  const key = keyOf(thread, ...info.checkpointNs.split("|"), name, `${call}`);
  return { key, thread, name, args };
}

/**
 * Without a checkpointer LangGraph knows no thread; such effects are kept apart under this name. A caller may name a
 * thread by a number, and LangGraph hands it on as it is: it is the thread of that text.
 */
export function threadOf(runtime: EffectRuntime): string {
  return String(runtime.executionInfo?.threadId ?? "unsaved");
}
