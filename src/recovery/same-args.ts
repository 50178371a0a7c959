/** Guards a key: an effect that is claimed again must be claimed with what it was claimed with first. */
import { isDeepStrictEqual } from "node:util";
import { Fault, type Json } from "../faults/index.ts";
import type { EffectClaim } from "./effect-ledger.ts";

/** @throws Fault unexpected "effect_args_changed": the node is not deterministic up to its effect. */
export function assertSameArgs(effect: EffectClaim, claimedWith: Json): void {
  if (isDeepStrictEqual(effect.args, claimedWith)) return;
  throw new Fault(
    "unexpected",
    "effect_args_changed",
    `effect "${effect.name}" was claimed with other arguments before: ${JSON.stringify(claimedWith)}, now ${JSON.stringify(effect.args)}`,
  );
}
