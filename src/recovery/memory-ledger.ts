/** The ledger in memory, for tests and trials. It forgets with the process, so it guards nothing across a crash. */
import type { Json } from "../faults/index.ts";
import type { EffectEntry, EffectLedger, SagaStep, StepRegistration } from "./effect-ledger.ts";
import { assertSameArgs } from "./same-args.ts";

type Kept<T> = { -readonly [K in keyof T]: T[K] };

export function memoryLedger(): EffectLedger<undefined> {
  const effects = new Map<string, Kept<EffectEntry>>();
  const sagas = new Map<string, Kept<StepRegistration & Pick<SagaStep, "status" | "problem">>[]>();
  const stored = (value: Json): Json => structuredClone(value);

  const ledger: EffectLedger<undefined> = {
    async claim(effect) {
      const known = effects.get(effect.key);
      if (known === undefined) {
        effects.set(effect.key, {
          ...effect,
          args: stored(effect.args),
          status: "claimed",
          attempts: 1,
          result: null,
        });
        return { status: "run", attempt: 1 };
      }
      assertSameArgs(effect, known.args);
      if (known.status === "done") return { status: "done", result: stored(known.result) };
      known.attempts += 1;
      return { status: "run", attempt: known.attempts };
    },

    async record(key, result) {
      const known = effects.get(key);
      if (known === undefined) throw new RangeError(`record: no effect is claimed under ${key}`);
      known.status = "done";
      known.result = stored(result);
    },

    async transact(effect, run) {
      const before = effects.get(effect.key);
      const kept = before === undefined ? undefined : { ...before };
      const claim = await ledger.claim(effect);
      if (claim.status === "done") return claim.result;
      try {
        const result = await run(undefined);
        await ledger.record(effect.key, result);
        return result;
      } catch (error) {
        if (kept === undefined) effects.delete(effect.key);
        else effects.set(effect.key, kept);
        throw error;
      }
    },

    async entries(thread) {
      return [...effects.values()]
        .filter((entry) => entry.thread === thread)
        .map((entry) => structuredClone(entry));
    },

    async register(step) {
      const steps = sagas.get(step.saga) ?? [];
      sagas.set(step.saga, steps);
      if (!steps.some(({ name }) => name === step.name))
        steps.push({ ...step, args: stored(step.args), status: "open" });
    },

    async steps(saga) {
      return (sagas.get(saga) ?? []).map((step, index): SagaStep => {
        const effect = effects.get(step.effect);
        const outcome = effect === undefined ? "none" : effect.status === "done" ? "done" : "unknown";
        return structuredClone({ ...step, seq: index + 1, outcome, result: effect?.result ?? null });
      });
    },

    async settle(saga, name, status, problem) {
      const step = sagas.get(saga)?.find((known) => known.name === name);
      if (step === undefined) throw new RangeError(`settle: saga ${saga} has no step ${name}`);
      step.status = status;
      if (problem !== undefined) step.problem = problem;
    },
  };
  return ledger;
}
