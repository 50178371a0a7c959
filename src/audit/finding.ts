/** What the audit says, and the traps that it knows. */

export interface Finding {
  /** The graph's name and the nodes that lead to a subgraph, such as `desk/planning`. */
  readonly graph: string;
  /** The node, or what else of the graph it is about: a state's field, `withConfig`, `setNodeDefaults`. */
  readonly node: string;
  readonly trap: Trap;
  /** What was seen, where a trap needs saying so. */
  readonly seen?: string;
  /** What happens, as measured on LangGraph.js 1.7.3. One sentence. */
  readonly why: string;
  /** One sentence. */
  readonly mend: string;
  /** The reason that the graph gives for leaving it so. */
  readonly allowed?: string;
}

export type Trap = keyof typeof traps;

/** What a check found; the rest follows from the trap. */
export type Found = Pick<Finding, "node" | "trap" | "seen">;

export const traps = {
  "no-route": {
    why: "An error that is left when the retries are spent ends the run: invoke rejects, and no node of the graph gets to deal with it.",
    mend: "Give the node an errorHandler that answers with Command({ goto }), or the graph one by setNodeDefaults.",
  },
  "no-retry": {
    why: "A connection that is reset once fails the node at its first attempt: LangGraph retries nothing without a retryPolicy.",
    mend: "Give the node a retryPolicy, or the graph one by setNodeDefaults; { maxAttempts: 1 } says that once is meant.",
  },
  "retry-list": {
    why: "LangGraph.js takes one retryPolicy, and a list of them for {}: its defaults, three attempts for nearly every error, apply instead.",
    mend: "Write one policy, and tell the errors apart in its retryOn.",
  },
  "fan-out-unrouted": {
    why: "A failure here cancels the branches that run beside it (B3): they go on unseen, and on resume they run again, so that what they had done is done twice.",
    mend: "Give every branch of the fan-out an errorHandler that answers with Command({ goto }), or the graph one by setNodeDefaults.",
  },
  "bubble-up-early": {
    why: "bubble_up throws at once and cancels the branches that still run beside the failed node (B3), which run again on resume.",
    mend: "Add it with { defer: true }: then it throws when the other branches are done.",
  },
  "subgraph-retried": {
    why: "Each retry runs the whole subgraph from its start, with a checkpointer too (P15): its first node ran three times for a failure of its second.",
    mend: "Put the retryPolicy on the subgraph's own nodes, and { maxAttempts: 1 } on this one where setNodeDefaults would give it another.",
  },
  "subgraph-without-defaults": {
    why: "setNodeDefaults stops at a subgraph: the nodes inside have neither its retryPolicy nor its errorHandler.",
    mend: "Call setNodeDefaults on the subgraph too.",
  },
  "handler-without-goto": {
    why: "After a handler's plain update no edge of the failed node is followed (B7): the branch ends in silence, and a join waits for ever.",
    mend: "Answer with new Command({ goto, update }).",
  },
  "handler-throws": {
    why: "A handler that throws ends the thread for good (B18): after the fix invoke(null) runs the handler again, and the node never.",
    mend: "Write the error to state and go to a node that throws it.",
  },
  "handler-to-parent": {
    why: "A handler's Command to the parent graph ends the run in silence (B6): invoke resolves, and nobody went anywhere.",
    mend: "Go to a node of the same graph, and let that one answer with Command.PARENT.",
  },
  "parent-command-dropped": {
    why: "A Command to the parent graph, alone, from a node that has an error handler is taken for a handled failure (H3): it is dropped, and the run ends in silence.",
    mend: "Return it beside a plain update that changes nothing: [new Command({ graph: Command.PARENT, goto }), { key: state.key }].",
  },
  "goto-nowhere": {
    why: "LangGraph.js ignores a goto to a node that does not exist (B13), without a word; from ends and Sends it throws.",
    mend: "Correct the name, or add the node.",
  },
  "max-concurrency-one": {
    why: "With maxConcurrency 1 only the first of several parallel nodes runs, the rest is dropped and invoke returns as if all were done (B1).",
    mend: "Bind 2 or more, or none, and limit calls by a bulkhead.",
  },
  "durability-not-sync": {
    why: "An effect can be made in a superstep whose checkpoint is never saved (P26, P29): a crash then makes it again, and the ledger cannot know.",
    mend: 'Bind durability: "sync" on graphs with effects.',
  },
  "bare-effect": {
    why: "A retry, a resume or a cancelled sibling runs the node again, and the effect is made twice (P17, P18).",
    mend: "Hand it to the ledger, once(runtime, name, args, run), or give the other side an Idempotency-Key that is the same in every run.",
  },
  "client-retries": {
    why: "The client's own retries multiply with the node's (P23): LangChain's default makes up to 7 calls of one, and up to 21 under a retryPolicy of three attempts.",
    mend: "Build the client with maxRetries: 0, and let the node's retryPolicy retry.",
  },
  "interrupt-swallowed": {
    why: "interrupt() works by throwing: a catch around it that does not rethrow answers the question by itself, and nobody is asked.",
    mend: "Call interrupt outside the try, or rethrow what isGraphBubbleUp says is LangGraph's own.",
  },
  "date-in-state": {
    why: "A Date comes back from a checkpoint as a string (B16): the node that ran in one go meets another type after a resume.",
    mend: "Keep an ISO string or a number in state.",
  },
} as const;
