export { type CrashPoint, crashPoint, crashPoints } from "./crash-point.ts";
export type {
  Claim,
  EffectClaim,
  EffectEntry,
  EffectLedger,
  SagaStep,
  StepRegistration,
} from "./effect-ledger.ts";
export type { EffectRuntime, OnceOptions } from "./effect-runner.ts";
export { type EffectTools, effects } from "./effects.ts";
export { memoryLedger } from "./memory-ledger.ts";
export { plainJson } from "./plain-json.ts";
export { createSaga, type Saga, type SagaReport, type StepDescription, type Undo } from "./saga.ts";
export { assertSameArgs } from "./same-args.ts";
export { assertStorable } from "./storable-text.ts";
