/**
 * Fulfilment: a saga, one action a superstep. What cannot go on is undone in reverse, one step a superstep.
 *
 *     act ⟲ → (done)
 *      └ compensable: compensate ⟲ → (compensated)
 *                       └ the undo fails too: ask_staff
 */
import { START, StateGraph } from "@langchain/langgraph";
import { bubbleUp, errorRoutes, guarded } from "#src/routing/index.ts";
import { deskContext } from "../../context.ts";
import type { Resources } from "../../resources.ts";
import { retries } from "../../retries.ts";
import type { Subgraph } from "../subgraph.ts";
import { act } from "./act.ts";
import { askStaff } from "./ask-staff.ts";
import { compensate } from "./compensate.ts";
import { fulfilmentState } from "./state.ts";

const routed = errorRoutes({ compensable: "compensate", unexpected: "bubble_up", ...retries });

export const fulfilment = (resources: Resources): Subgraph =>
  new StateGraph(fulfilmentState, deskContext)
    .addNode("act", guarded(act(resources)), routed({ goto: ["act", "compensate", "__end__"] }))
    .addNode(
      "compensate",
      guarded(compensate(resources)),
      routed({ compensable: "ask_staff", goto: ["compensate", "__end__"] }),
    )
    .addNode(
      "ask_staff",
      guarded(askStaff(resources)),
      routed({ compensable: "bubble_up", goto: ["compensate"] }),
    )
    .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["act", "compensate", "ask_staff"] })
    .addEdge(START, "act")
    .compile({ name: "fulfilment" }) as unknown as Subgraph;
