/** Fulfilment's own field: which action of the plan is next. */
import { z } from "zod";
import { type DeskRuntime, threadOf } from "../../context.ts";
import { deskState } from "../../state.ts";

export const fulfilmentState = deskState.extend({
  position: z.number().default(0).describe("The action of the plan that is next"),
});

export type FulfilmentState = z.infer<typeof fulfilmentState>;
export type FulfilmentUpdate = Partial<FulfilmentState>;

/** One saga a case: the same one in whatever node, attempt or process. */
export function sagaOf({ caseNumber }: FulfilmentState, runtime: DeskRuntime): string {
  return `${threadOf(runtime)}|case ${caseNumber}`;
}
