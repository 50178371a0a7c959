/**
 * Effects made once: `once(runtime, name, args, run)` in a node, whatever retries, resumes, aborts or replays do.
 *
 * Claim → run → record. The key holds only under durability "sync": else the checkpoint that it is derived from may
 * never have been saved (measured on LangGraph 1.7.3). What must be atomic with the ledger goes through `onceWithin`.
 */
import type { ExecutionInfo } from "@langchain/langgraph";
import { Fault, type Json } from "../faults/index.ts";
import type { EffectClaim, EffectLedger } from "./effect-ledger.ts";

/** What effects need of a node's second argument. LangGraph's Runtime has it. */
export interface EffectRuntime {
  readonly executionInfo?: ExecutionInfo | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EffectTools<Tx> {
  /**
   * An effect on the other side of a network.
   *
   * @param name - Names the effect within the node; several calls with one name are told apart by their order.
   * @param args - What it is made with, as plain JSON.
   * @param run - Makes it. `key` is its Idempotency-Key: the other side must do nothing twice under one key, since an
   *   effect whose outcome a crash has hidden is run again.
   * @returns What `run` returned, the first time or now.
   * @throws The signal's reason when the run was aborted: a zombie body makes no new effect.
   * @throws Fault unexpected "effect_args_changed", and whatever `run` throws; the claim then stays open.
   */
  once<T>(runtime: EffectRuntime, name: string, args: Json, run: (key: string) => Promise<T>): Promise<T>;
  /** An effect inside the ledger's database, in one transaction with its record. See {@link EffectLedger.transact}. */
  onceWithin<T>(
    runtime: EffectRuntime,
    name: string,
    args: Json,
    run: (tx: Tx, key: string) => Promise<T>,
  ): Promise<T>;
  /** A model call, recorded: a retry or resume of the node gets the stored answer, a new visit asks anew. */
  recorded<T>(runtime: EffectRuntime, name: string, run: () => Promise<T>): Promise<T>;
}

export function effects<Tx>(ledger: EffectLedger<Tx>): EffectTools<Tx> {
  const { made, madeWithin } = effectRunner(ledger);
  const tools: EffectTools<Tx> = {
    once: (runtime, name, args, run) => made(runtime, claimFor(runtime, name, args), run),
    onceWithin: (runtime, name, args, run) => madeWithin(runtime, claimFor(runtime, name, args), run),
    recorded: (runtime, name, run) => tools.once(runtime, name, null, run),
  };
  return tools;
}

/** Makes effects whose key the caller chose. For `effects` and sagas; nodes use these. */
export function effectRunner<Tx>(ledger: EffectLedger<Tx>) {
  const inFlight = new Map<string, Promise<Json>>();

  /** A second caller in this process, such as a retry beside a timed-out body that still runs, joins the first. */
  async function joined<T>(runtime: EffectRuntime, key: string, work: () => Promise<Json>): Promise<T> {
    runtime.signal?.throwIfAborted();
    const running = inFlight.get(key) ?? work().finally(() => inFlight.delete(key));
    inFlight.set(key, running);
    // What the ledger gives back is what a `run` of this type put in.
    return (await running) as T;
  }

  async function claimAndRun(effect: EffectClaim, run: (key: string) => Promise<unknown>): Promise<Json> {
    const claim = await ledger.claim(effect);
    if (claim.status === "done") return claim.result;
    const result = plain(await run(effect.key));
    await ledger.record(effect.key, result);
    return result;
  }

  return {
    made: <T>(runtime: EffectRuntime, effect: EffectClaim, run: (key: string) => Promise<T>): Promise<T> =>
      joined(runtime, effect.key, () => claimAndRun(effect, run)),
    madeWithin: <T>(
      runtime: EffectRuntime,
      effect: EffectClaim,
      run: (tx: Tx, key: string) => Promise<T>,
    ): Promise<T> =>
      joined(runtime, effect.key, () =>
        ledger.transact(effect, async (tx) => plain(await run(tx, effect.key))),
      ),
  };
}

/** What the ledger would give back, so that the first run returns no other value than a replay. */
function plain(result: unknown): Json {
  return JSON.parse(JSON.stringify(result) ?? "null");
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
  return { key: `${thread}|${info.checkpointNs}|${name}|${call}`, thread, name, args };
}

/** Without a checkpointer LangGraph knows no thread; such effects are kept apart under this name. */
export function threadOf(runtime: EffectRuntime): string {
  return runtime.executionInfo?.threadId ?? "unsaved";
}
