/** Answers the planner's read calls. A refused call goes back to the planner as a fault; it never enters the facts. */
import { Fault } from "#src/faults/index.ts";
import { contextOf, type DeskRuntime } from "../../context.ts";
import { factsOf, parsePlannerTurn, toolMessage } from "../../prompts/index.ts";
import type { Resources } from "../../resources.ts";
import { callReadTool } from "../../tools/read.ts";
import type { PlanningState, PlanningUpdate } from "./state.ts";

export const lookup =
  (resources: Resources) =>
  async (state: PlanningState, runtime: DeskRuntime): Promise<PlanningUpdate> => {
    if (state.pending === null)
      throw new Fault("unexpected", "no_pending_call", "lookup was reached without a tool call");
    const turn = parsePlannerTurn(state.pending);
    if (turn.kind !== "read")
      throw new Fault("unexpected", "no_pending_call", "lookup was reached with a plan");
    const { shop, toolWeather } = await resources();
    const { branch } = contextOf(runtime);
    const results = [];
    for (const call of turn.calls) {
      await toolWeather(runtime, call.name);
      results.push(
        toolMessage(call, await callReadTool(shop.on(branch), call.name, call.args, state.customerId ?? "")),
      );
    }
    const history = [...state.history, { ...state.pending, toolCalls: turn.calls }, ...results];
    return { history, pending: null, facts: factsOf(history) };
  };
