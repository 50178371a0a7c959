/**
 * Planning: planner ↔ lookup until there is a draft, then its checks, one after the other.
 *
 *     planner ⇄ lookup
 *     planner → gates → vote → inspector → challenger → accept
 *        ↑        └──────┴─────────┴───────────┘ refused: back to the planner, which sees why
 *
 * Code first, since it is certain and costs nothing; a model last. Which checks there are is the context's word.
 */
import { END, START, StateGraph } from "@langchain/langgraph";
import { askHuman, bubbleUp, errorRoutes, guarded } from "#src/routing/index.ts";
import { deskContext } from "../../context.ts";
import type { Resources } from "../../resources.ts";
import { retries } from "../../retries.ts";
import type { Subgraph } from "../subgraph.ts";
import { accept } from "./accept.ts";
import { challenger } from "./challenger.ts";
import { after, follows } from "./checks.ts";
import { gates } from "./gates.ts";
import { inspector } from "./inspector.ts";
import { leave } from "./leave.ts";
import { lookup } from "./lookup.ts";
import { planner } from "./planner.ts";
import { planningState } from "./state.ts";
import { planVote } from "./vote.ts";

const routed = errorRoutes({
  llmRecoverable: { backTo: "planner", rounds: 5, spent: "compensable" },
  userFixable: "ask_customer",
  compensable: "give_up",
  unexpected: "bubble_up",
  ...retries,
});

/** No plan that passes in three rounds: this attempt leaves. */
const check = { llmRecoverable: { backTo: "planner", rounds: 3, spent: "compensable" } } as const;

export const planning = (resources: Resources): Subgraph =>
  new StateGraph(planningState, deskContext)
    .addNode("planner", guarded(planner(resources)), routed({ goto: ["lookup", "gates"] }))
    .addNode("lookup", guarded(lookup(resources)), routed())
    .addNode("gates", guarded(gates(resources)), routed(check))
    .addNode("vote", guarded(planVote(resources)), routed(check))
    .addNode("inspector", guarded(inspector(resources)), routed(check))
    .addNode("challenger", guarded(challenger(resources)), routed(check))
    .addNode("accept", guarded(accept), routed())
    .addNode("ask_customer", guarded(askHuman()), routed({ goto: ["planner"] }))
    .addNode("give_up", guarded(leave), routed({ compensable: "bubble_up" }))
    .addNode("bubble_up", bubbleUp(), {
      defer: true,
      ends: [
        "planner",
        "lookup",
        "gates",
        "vote",
        "inspector",
        "challenger",
        "accept",
        "ask_customer",
        "give_up",
      ],
    })
    .addEdge(START, "planner")
    .addEdge("lookup", "planner")
    .addConditionalEdges("gates", after("gates"), [...follows.gates])
    .addConditionalEdges("vote", after("vote"), [...follows.vote])
    .addConditionalEdges("inspector", after("inspector"), [...follows.inspector])
    .addEdge("challenger", "accept")
    .addEdge("accept", END)
    .addEdge("give_up", END)
    .compile({ name: "planning" }) as unknown as Subgraph;
