/** The ledger in memory, for tests and trials. It forgets with the process, so it guards nothing across a crash. */
import type { EffectEntry, EffectLedger, SagaStep, StepRegistration } from "./effect-ledger.ts";
import { plainJson } from "./plain-json.ts";
import { assertSameArgs } from "./same-args.ts";
import { assertStorable } from "./storable-text.ts";

type Kept<T> = { -readonly [K in keyof T]: T[K] };
type KeptStep = Kept<StepRegistration & Pick<SagaStep, "status">> & { problem?: string | undefined };

export function memoryLedger(): EffectLedger<undefined> {
  const effects = new Map<string, Kept<EffectEntry>>();
  const sagas = new Map<string, KeptStep[]>();
  /** One transaction at a time, as on the embedded database. */
  let lastTransaction: Promise<unknown> = Promise.resolve();

  const ledger: EffectLedger<undefined> = {
    async claim({ key, thread, name, args }) {
      assertStorable({ key, thread, name });
      const known = effects.get(key);
      if (known === undefined) {
        const claimed = { key, thread, name, args: plainJson(args), status: "claimed" } as const;
        effects.set(key, { ...claimed, attempts: 1, result: null });
        return { status: "run", attempt: 1 };
      }
      assertSameArgs({ key, thread, name, args }, known.args);
      if (known.status === "done") return { status: "done", result: plainJson(known.result) };
      known.attempts += 1;
      return { status: "run", attempt: known.attempts };
    },

    async record(key, result) {
      const known = effects.get(key);
      if (known === undefined) throw new RangeError(`record: no effect is claimed under ${key}`);
      if (known.status === "claimed") Object.assign(known, { status: "done", result: plainJson(result) });
      return plainJson(known.result);
    },

    transact(effect, run) {
      const transaction = lastTransaction.then(async () => {
        const known = effects.get(effect.key);
        if (known !== undefined) assertSameArgs(effect, known.args);
        if (known?.status === "done") return plainJson(known.result);
        const result = await run(undefined);
        await ledger.claim(effect);
        return ledger.record(effect.key, result);
      });
      lastTransaction = transaction.catch(() => {});
      return transaction;
    },

    async entries(thread) {
      return structuredClone([...effects.values()].filter((entry) => entry.thread === thread));
    },

    async register(thread, { saga, name, effect, undo, args }) {
      assertStorable({ thread, saga, name, effect, undo });
      const steps = sagas.get(saga) ?? [];
      sagas.set(saga, steps);
      const known = steps.find((step) => step.name === name);
      if (known === undefined) {
        steps.push({ saga, name, effect, undo, args: plainJson(args), status: "open" });
        return "open";
      }
      if (!effects.has(known.effect)) Object.assign(known, { undo, args: plainJson(args) });
      return known.status;
    },

    async steps(saga) {
      return (sagas.get(saga) ?? []).map(({ problem, ...step }, index): SagaStep => {
        const effect = effects.get(step.effect);
        const outcome = effect === undefined ? "none" : effect.status === "done" ? "done" : "unknown";
        const known = { ...step, seq: index + 1, outcome, result: effect?.result ?? null } as const;
        return structuredClone(problem === undefined ? known : { ...known, problem });
      });
    },

    async settle(_thread, saga, name, status, problem) {
      const step = sagas.get(saga)?.find((known) => known.name === name);
      if (step === undefined) throw new RangeError(`settle: saga ${saga} has no step ${name}`);
      step.status = status;
      step.problem = problem;
    },
  };
  return ledger;
}
