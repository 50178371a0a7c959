/**
 * What a node of the order desk did, in a few words, read from what it wrote into the state. A node that is not named
 * here is silent: the hub, and the subgraphs whose own nodes have spoken already.
 */
import type { FulfilmentUpdate } from "../nodes/fulfilment/state.ts";
import type { PlanningUpdate } from "../nodes/planning/state.ts";

type Update = PlanningUpdate & FulfilmentUpdate;

const words: Record<string, (update: Update) => string | undefined> = {
  intake: ({ customerId, requests = [] }) => `${customerId} asks: ${requests.join(" ")}`,
  planner: ({ pending, draft }) => {
    if (pending) return pending.toolCalls?.map(({ name, args }) => `${name} ${values(args)}`).join(", ");
    return draft
      ? `plans ${list(draft.actions.map(({ name }) => name))}${declined(draft.declined)}`
      : undefined;
  },
  gates: ({ estimates = [] }) => estimates.map(({ summary }) => summary).join("; ") || "nothing to check",
  vote: ({ unanimous }) => (unanimous ? "every vote is for one plan" : "one plan is ahead"),
  inspector: () => "the plan fits the ticket",
  challenger: () => "every action is asked for",
  accept: () => "the plan stands",
  approval: ({ approved }) => (approved ? "may be done" : "was not approved: nothing is done"),
  act: ({ carriedOut }) => (carriedOut === "done" ? "all is done" : undefined),
  compensate: ({ stuck }) => {
    if (stuck === undefined) return undefined;
    return stuck.length === 0 ? "all is taken back" : `${stuck.length} left to staff`;
  },
  reply: () => "the reply holds what the facts say",
  plain_reply: () => "a plain reply by code, for want of a better one",
  send: ({ mailed }) => (mailed ? "mailed" : "not mailed: there is no address"),
  leave_unsent: () => "the reply is kept, unsent",
  give_up: ({ trouble, parked }) => (trouble ? `goes to staff: ${trouble}` : `is parked: ${parked}`),
  park: ({ trouble }) => (trouble ? "is left to staff" : "is taken up again"),
};

/** Undefined for nothing worth a line. */
export function stepWords(node: string, update: Record<string, unknown>): string | undefined {
  // Only the desk's own nodes write these updates, and the graph has typed them.
  return words[node]?.(update as Update);
}

function values(args: Record<string, unknown>): string {
  return Object.values(args)
    .map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value)))
    .join(" ");
}

function list(names: string[]): string {
  return names.length === 0 ? "no action" : names.join(", ");
}

function declined(requests: readonly unknown[]): string {
  return requests.length === 0 ? "" : `, declines ${requests.length}`;
}
