/**
 * The order desk: a customer's message in, an order changed or a person asked, a checked reply out.
 *
 * The hub is code, the models stand on the leaves. Every leaf has a RetryPolicy and a route; what the routes do is
 * the table right below. Subgraphs have neither: a retry would run them from their start, and their own nodes route.
 */
import { START, StateGraph } from "@langchain/langgraph";
import { askHuman, bubbleUp, errorRoutes, escalations, guarded } from "#src/routing/index.ts";
import { deskContext } from "./context.ts";
import { approval } from "./nodes/approval.ts";
import { desk } from "./nodes/desk.ts";
import { giveUp } from "./nodes/give-up.ts";
import { intake } from "./nodes/intake.ts";
import { leaveUnsent } from "./nodes/leave-unsent.ts";
import { park } from "./nodes/park.ts";
import { plainReply } from "./nodes/plain-reply.ts";
import { reply } from "./nodes/reply.ts";
import { send } from "./nodes/send.ts";
import { work } from "./nodes/work.ts";
import { type Resources, resourcesFromEnv } from "./resources.ts";
import { retries } from "./retries.ts";
import { deskInput, deskState } from "./state.ts";

const routed = errorRoutes({
  llmRecoverable: { backTo: "intake", rounds: 5, spent: "compensable" },
  userFixable: "ask_customer",
  compensable: "give_up",
  unexpected: "bubble_up",
  ...retries,
});

/** @param resources - What the nodes work with; opened when the first node needs it. */
export const orderDesk = (resources: Resources) =>
  new StateGraph({ state: deskState, input: deskInput, context: deskContext })
    .addNode(
      "desk",
      guarded(desk),
      routed({
        goto: ["intake", "work", "approval", "park", "reply", "plain_reply", "send", "__end__"],
      }),
    )
    .addNode("intake", guarded(intake(resources)), routed())
    .addNode("work", work(resources), escalations({ compensable: "give_up", unexpected: "bubble_up" }))
    .addNode("approval", guarded(approval), routed())
    .addNode(
      "reply",
      guarded(reply(resources)),
      routed({
        llmRecoverable: { backTo: "reply", rounds: 3, spent: "compensable" },
        compensable: "plain_reply",
      }),
    )
    .addNode("plain_reply", guarded(plainReply), routed())
    .addNode("send", guarded(send(resources)), routed({ compensable: "leave_unsent" }))
    .addNode("leave_unsent", guarded(leaveUnsent), routed())
    .addNode("park", guarded(park(resources)), routed())
    .addNode("ask_customer", guarded(askHuman()), routed({ goto: ["intake"] }))
    .addNode("give_up", guarded(giveUp), routed({ compensable: "bubble_up" }))
    .addNode("bubble_up", bubbleUp(), {
      defer: true,
      ends: [
        "desk",
        "intake",
        "work",
        "approval",
        "reply",
        "plain_reply",
        "send",
        "leave_unsent",
        "park",
        "ask_customer",
        "give_up",
      ],
    })
    .addEdge(START, "desk")
    .addEdge("intake", "desk")
    .addEdge("work", "desk")
    .addEdge("approval", "desk")
    .addEdge("reply", "desk")
    .addEdge("plain_reply", "desk")
    .addEdge("send", "desk")
    .addEdge("leave_unsent", "desk")
    .addEdge("park", "desk")
    .addEdge("give_up", "desk");

/** What langgraph.json lists. Studio and the servers bring their own checkpointer, so it is compiled without one. */
export const graph = orderDesk(resourcesFromEnv).compile({
  name: "order-desk",
  description: "A retail support desk whose agents survive what breaks agents",
});
