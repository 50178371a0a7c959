/**
 * Planning: planner ↔ lookup until there is a draft, then gates and inspector side by side, then the verdict.
 *
 *     planner ⇄ lookup
 *     planner → gates ∥ inspector → verdict → (accepted)
 *                                     └ refused: back to the planner, which sees why
 */
import { END, START, StateGraph } from "@langchain/langgraph";
import { askHuman, bubbleUp, errorRoutes, guarded } from "#src/routing/index.ts";
import { deskContext } from "../../context.ts";
import type { Resources } from "../../resources.ts";
import { retries } from "../../retries.ts";
import { giveUp } from "../give-up.ts";
import type { Subgraph } from "../subgraph.ts";
import { gates } from "./gates.ts";
import { inspector } from "./inspector.ts";
import { lookup } from "./lookup.ts";
import { planner } from "./planner.ts";
import { planningState } from "./state.ts";
import { verdict } from "./verdict.ts";

const routed = errorRoutes({
  llmRecoverable: { backTo: "planner", rounds: 5, spent: "compensable" },
  userFixable: "ask_customer",
  compensable: "give_up",
  unexpected: "bubble_up",
  ...retries,
});

export const planning = (resources: Resources): Subgraph =>
  new StateGraph(planningState, deskContext)
    .addNode("planner", guarded(planner(resources)), routed({ goto: ["lookup", "gates", "inspector"] }))
    .addNode("lookup", guarded(lookup(resources)), routed())
    .addNode("gates", guarded(gates(resources)), routed())
    .addNode(
      "inspector",
      guarded(inspector(resources)),
      routed({ llmRecoverable: { backTo: "inspector", rounds: 5 } }),
    )
    .addNode(
      "verdict",
      guarded(verdict),
      // No plan in three rounds: this attempt leaves, and the supervisor begins another.
      routed({
        llmRecoverable: { backTo: "planner", rounds: 3, spent: "compensable" },
        compensable: "bubble_up",
      }),
    )
    .addNode("ask_customer", guarded(askHuman()), routed({ goto: ["planner"] }))
    .addNode("give_up", guarded(giveUp), routed({ compensable: "bubble_up" }))
    .addNode("bubble_up", bubbleUp(), {
      defer: true,
      ends: ["planner", "lookup", "gates", "inspector", "verdict", "ask_customer", "give_up"],
    })
    .addEdge(START, "planner")
    .addEdge("lookup", "planner")
    .addEdge(["gates", "inspector"], "verdict")
    .addEdge("verdict", END)
    .addEdge("give_up", END)
    .compile({ name: "planning" }) as unknown as Subgraph;
