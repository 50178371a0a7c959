/** Guards a key: an effect that is claimed again must be claimed with what it was claimed with first. */
import { isDeepStrictEqual } from "node:util";
import { Fault, type Json } from "../faults/index.ts";
import type { EffectClaim } from "./effect-ledger.ts";
import { plainJson } from "./plain-json.ts";

/** @throws Fault unexpected "effect_args_changed": the node is not deterministic up to its effect. */
export function assertSameArgs(effect: EffectClaim, claimedWith: Json): void {
  const args = plainJson(effect.args);
  if (isDeepStrictEqual(args, claimedWith)) return;
  throw new Fault(
    "unexpected",
    "effect_args_changed",
    `effect "${effect.name}" was claimed with other arguments before: ${shown(claimedWith)}, now ${shown(args)}`,
  );
}

/** A letter among the arguments must not bury the message. */
function shown(args: Json): string {
  const text = JSON.stringify(args);
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
