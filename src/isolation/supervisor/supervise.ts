/**
 * A supervisor as an ordinary subgraph: one hub of code, one node for each child, and one that escalates.
 *
 *     supervisor → child, child, … → supervisor → … → END
 *                                       └ restarts spent: escalate, which throws
 *
 * OTP's supervisor, not LangGraph's agent of that name. It starts, restarts and stops; what children do, and whether
 * a fault can be mended where it happened, is theirs. Not for fan-outs: children are named when the graph is built.
 */
import type { Runnable } from "@langchain/core/runnables";
import { END, START, StateGraph } from "@langchain/langgraph";
import type { z } from "zod";
import { bubbleUp, errorRoutes, guarded } from "../../routing/index.ts";
import { policyFrom, retryPolicyOf } from "../../routing/policy.ts";
import { exitsChannel } from "./channels.ts";
import { childHandler, childNode, type Supervisor } from "./child.ts";
import { hub } from "./hub.ts";
import {
  type Child,
  checkOptions,
  ESCALATE,
  EXITS,
  HUB,
  rulesOf,
  type SupervisorOptions,
} from "./options.ts";

/**
 * Makes a supervisor for `addNode(name, supervise({ … }), escalations({ … }))`. Without `escalations` what it escalates
 * reaches the caller. It never stands under a retryPolicy: that would run it from its start.
 *
 * A restart is a new start: a subgraph's private channels are anew, and what the child `owns` has its defaults again.
 * Children that are started together run in one superstep. When one fails, those that its strategy stops are aborted at
 * once; the restart itself comes when all have ended, as LangGraph's supersteps have it.
 *
 * @returns A compiled graph without a checkpointer. It rejects with a Fault "restarts_spent" of the last failure's
 *   category, which is its cause, when more than `intensity` restarts came within `periodMs`. Where no route
 *   takes that, `invoke(null)` after the mend starts those children again that had not ended, with nothing counted.
 * @throws RangeError for options that make no supervisor; it says which and why.
 */
export function supervise<Schema extends z.ZodObject>(
  options: SupervisorOptions<Schema>,
): Runnable<z.infer<Schema>, Partial<z.infer<Schema>>> {
  const { name, state, context, children, now = Date.now } = options;
  const rules = rulesOf(options);
  checkOptions(options, rules);
  const supervisor: Supervisor = { name, rules, now };
  const routed = errorRoutes({ unexpected: ESCALATE });

  const graph = new StateGraph({
    state: state.extend({ [EXITS]: exitsChannel }) as z.ZodObject,
    input: state as z.ZodObject,
    output: state as z.ZodObject,
    ...(context === undefined ? {} : { context }),
  })
    .addNode(
      HUB,
      guarded(hub(supervisor, state, children)) as never,
      routed({ goto: [...children.map((child) => child.name), END] }),
    )
    .addNode(ESCALATE, bubbleUp() as never, { defer: true, ends: [HUB] })
    .addEdge(START, HUB);
  for (const child of children) {
    graph
      .addNode(child.name, childNode(supervisor, child) as never, childOptions(supervisor, child) as never)
      .addEdge(child.name as never, HUB);
  }
  return graph.compile({ name }) as never;
}

/** LangGraph's own `addNode` options. A retry on a subgraph would run it from its start (P15). */
function childOptions<State>(supervisor: Supervisor, { run, retry = { attempts: 1 } }: Child<State>) {
  const route = { errorHandler: childHandler(supervisor), ends: [HUB] };
  if (typeof run !== "function") return { ...route, subgraphs: [run] };
  const policy = policyFrom(retry);
  return { ...route, retryPolicy: retryPolicyOf(policy), metadata: { faultline: policy } };
}
