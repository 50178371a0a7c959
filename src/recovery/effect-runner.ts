/**
 * Makes one effect: claim → run → record. Under `effects` and sagas, which choose the key; nodes use these.
 *
 * Within a process a ledger's key is made by one caller at a time. Another process is held back by the thread's lease,
 * which the ledger asks for at the claim; where threads run without leases, two processes can both run an effect, under
 * one key (`transact` alone is exactly once even then).
 */
import { type ExecutionInfo, isGraphInterrupt } from "@langchain/langgraph";
import { Fault, type Json } from "../faults/index.ts";
import { crashPoint } from "./crash-point.ts";
import type { EffectClaim, EffectLedger } from "./effect-ledger.ts";
import { plainJson } from "./plain-json.ts";
import { assertSameArgs } from "./same-args.ts";

/** What effects need of a node's second argument. LangGraph's Runtime has it. */
export interface EffectRuntime {
  readonly executionInfo?: ExecutionInfo | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OnceOptions<T> {
  /**
   * Asks the other side what became of an earlier run whose outcome is not known, before `run` is tried again. For a
   * side that honours no Idempotency-Key but can be asked. Undefined: it never happened, and cannot happen any more.
   */
  readonly reconcile?: (key: string) => Promise<{ readonly result: T } | undefined>;
}

export interface Outcome {
  readonly result: Json;
  /** Made just now, not given back from the ledger. */
  readonly fresh: boolean;
}

export interface EffectRunner<Tx> {
  made(
    runtime: EffectRuntime,
    effect: EffectClaim,
    run: (key: string) => Promise<unknown>,
    options?: OnceOptions<unknown>,
  ): Promise<Outcome>;
  madeWithin(
    runtime: EffectRuntime,
    effect: EffectClaim,
    run: (tx: Tx, key: string) => Promise<unknown>,
  ): Promise<Outcome>;
  /**
   * Waits until nobody in this process makes the effect any more.
   *
   * @throws The signal's reason: what is waited for may never end.
   */
  quiet({ signal }: EffectRuntime, key: string): Promise<void>;
}

interface InFlight {
  readonly effect: EffectClaim;
  readonly outcome: Promise<Outcome>;
}

/** By ledger, not by runner: two graphs of one process may each have made a runner over it. */
const inFlightOn = new WeakMap<object, Map<string, InFlight>>();

export function effectRunner<Tx>(ledger: EffectLedger<Tx>): EffectRunner<Tx> {
  const inFlight = inFlightOn.get(ledger) ?? new Map<string, InFlight>();
  inFlightOn.set(ledger, inFlight);

  /** A second caller, such as a retry beside a timed-out body that still runs, joins the first. */
  async function joined(
    { signal }: EffectRuntime,
    effect: EffectClaim,
    work: () => Promise<Outcome>,
  ): Promise<Outcome> {
    for (;;) {
      signal?.throwIfAborted();
      const first = inFlight.get(effect.key);
      if (first === undefined) break;
      assertSameArgs(effect, first.effect.args);
      // Its failure is not the second caller's: it may be no more than the first one's abort.
      const outcome = await ended(first, signal);
      if (outcome !== undefined) return outcome;
    }
    const outcome = work().finally(() => inFlight.delete(effect.key));
    inFlight.set(effect.key, { effect, outcome });
    return outcome;
  }

  return {
    made: (runtime, effect, run, { reconcile } = {}) =>
      joined(runtime, effect, async () => {
        const claim = await ledger.claim(effect);
        if (claim.status === "done") return { result: claim.result, fresh: false };
        crashPoint("after-claim");
        const known = claim.attempt > 1 ? await reconcile?.(effect.key) : undefined;
        // Aborted while it claimed: nothing has happened yet, and nothing may.
        if (known === undefined) runtime.signal?.throwIfAborted();
        const { result } = known ?? { result: await unasked(effect, () => run(effect.key)) };
        crashPoint("after-effect-before-record");
        const recorded = await ledger.record(effect.key, plainJson(result));
        crashPoint("after-record-before-checkpoint");
        return { result: recorded, fresh: true };
      }),

    madeWithin: (runtime, effect, run) =>
      joined(runtime, effect, async () => {
        let fresh = false;
        const result = await ledger.transact(effect, async (tx) => {
          runtime.signal?.throwIfAborted();
          fresh = true;
          crashPoint("after-claim");
          const made = plainJson(await unasked(effect, () => run(tx, effect.key)));
          crashPoint("after-effect-before-record");
          return made;
        });
        crashPoint("after-record-before-checkpoint");
        return { result, fresh };
      }),

    async quiet({ signal }, key) {
      for (let other = inFlight.get(key); other !== undefined; other = inFlight.get(key)) {
        await ended(other, signal);
      }
    },
  };
}

/**
 * Refuses a question within an effect. LangGraph hands out answers by the order of a node's questions: once the effect is
 * given back its question is not put again, and the node's next one would get its answer.
 */
async function unasked<T>({ name }: EffectClaim, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isGraphInterrupt(error)) throw error;
    const words = `"${name}" asks a person while it is made: ask before it, or in a node of its own`;
    throw new Fault("unexpected", "question_within_effect", words, { cause: error });
  }
}

/** The outcome, or undefined when it failed. Rejects with the signal's reason alone. */
function ended({ outcome }: InFlight, signal: AbortSignal | undefined): Promise<Outcome | undefined> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal?.reason);
    if (signal?.aborted) return stop();
    signal?.addEventListener("abort", stop, { once: true });
    outcome.then(resolve, () => resolve(undefined)).finally(() => signal?.removeEventListener("abort", stop));
  });
}
