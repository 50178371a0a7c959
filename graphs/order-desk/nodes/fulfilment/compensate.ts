/** Takes back one step a superstep, the last one first, until nothing stands. */
import { Command } from "@langchain/langgraph";
import type { SagaStep } from "#src/recovery/index.ts";
import { changeArgs } from "../../compensations.ts";
import type { DeskRuntime } from "../../context.ts";
import type { Resources } from "../../resources.ts";
import type { Action } from "../../tools/action.ts";
import { type FulfilmentState, type FulfilmentUpdate, sagaOf } from "./state.ts";

export const compensate =
  (resources: Resources) =>
  async (
    state: FulfilmentState,
    runtime: DeskRuntime,
  ): Promise<Command<unknown, FulfilmentUpdate, "compensate" | "__end__">> => {
    const { saga } = await resources();
    const id = sagaOf(state, runtime);
    const undone = await saga.undoNext(runtime, id);
    if (undone !== undefined) return new Command({ goto: "compensate" });

    const report = await saga.report(id);
    const update: FulfilmentUpdate = {
      carriedOut: "compensated",
      done: [],
      undone: actionsIn(report.undone.filter(({ outcome }) => outcome === "done")),
      stuck: actionsIn(report.stuck),
    };
    return new Command({ goto: "__end__", update });
  };

function actionsIn(steps: readonly SagaStep[]): Action[] {
  return steps.flatMap((step) => (step.undo === "revert_change" ? [changeArgs.parse(step.args).action] : []));
}
