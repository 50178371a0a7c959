/** An undo that cannot succeed: a member of staff gets the exact list and says whether to try again or to leave it. */
import { Command } from "@langchain/langgraph";
import type { SagaStep } from "#src/recovery/index.ts";
import { ask } from "#src/routing/index.ts";
import type { DeskRuntime } from "../../context.ts";
import type { Resources } from "../../resources.ts";
import { againOrLeave } from "../again-or-leave.ts";
import { type FulfilmentState, type FulfilmentUpdate, sagaOf } from "./state.ts";

export const askStaff =
  (resources: Resources) =>
  async (
    state: FulfilmentState,
    runtime: DeskRuntime,
  ): Promise<Command<unknown, FulfilmentUpdate, "compensate">> => {
    const { saga } = await resources();
    const id = sagaOf(state, runtime);
    const report = await saga.report(id);
    const problem = state.faults.at(-1)?.message ?? "the undo failed";
    const details = {
      stands: names(report.standing),
      undone: names(report.undone),
      stuck: names(report.stuck),
    };
    const last = details.stands.at(-1) ?? "nothing";
    const question = `"${last}" could not be taken back: ${problem}. Try again, or leave it to staff?`;
    const answer = ask(
      runtime,
      { node: "ask_staff", question, details, options: ["again", "leave"] },
      againOrLeave,
    );
    if (answer === "leave") await saga.leaveStuck(runtime, id, problem);
    return new Command({ goto: "compensate" });
  };

function names(steps: readonly SagaStep[]): string[] {
  return steps.map(({ name }) => name);
}
