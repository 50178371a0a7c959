/**
 * The node of one child, and its error handler: they run the child and report how it ended. They decide nothing.
 *
 * LangGraph goes from both to the supervisor's hub, once all children that run side by side have ended.
 */
import { isDeepStrictEqual } from "node:util";
import { Command, type LangGraphRunnableConfig, type NodeError } from "@langchain/langgraph";
import { classify, faultRecord } from "../../faults/index.ts";
import { attemptsOf, rememberOriginal, spentSince, withRetries } from "../../routing/attempts.ts";
import { faultState } from "../../routing/fault-state.ts";
import { type FaultState, guarded, type NodeRuntime } from "../../routing/index.ts";
import { failedNamespace, failedTask, outer, taskNamespace } from "../../routing/namespace.ts";
import { retried } from "../../routing/records.ts";
import { type Exits, exitId, pathOf, type Supervision } from "./channels.ts";
import { answerIn, leaves, withoutGoto, withSpent } from "./leaving.ts";
import { type Child, EXITS, HUB } from "./options.ts";
import type { Exit, Rules } from "./rules.ts";
import { begins, ends, leftBy } from "./siblings.ts";

/** What a child's node and handler know of their supervisor. */
export interface Supervisor {
  readonly name: string;
  readonly rules: Rules;
  readonly now: () => number;
}

type SupervisedState = FaultState & { supervision?: Record<string, Supervision> };

/** Ends at once when the child is stopped, whether or not the child's body honours its signal. */
export function childNode<State>(supervisor: Supervisor, { name, run }: Child<State>) {
  const siblings = supervisor.rules.children.map((child) => child.name);
  const answer = async (state: State, runtime: NodeRuntime): Promise<unknown> =>
    typeof run === "function"
      ? run(state, runtime)
      : changed(state, await run.invoke(state as never, runtime as never));
  const body = guarded(async (state: State, runtime: NodeRuntime): Promise<unknown> => {
    const answered = await answer(state, runtime).catch(answerIn);
    return withSpent(withoutGoto(name, siblings, answered), faultState(runtime, state));
  });
  return async (state: State & SupervisedState, runtime: NodeRuntime): Promise<unknown> => {
    const { rules, now } = supervisor;
    const supervision = supervisionOf(supervisor, state, outer(taskNamespace(runtime)));
    const stop = begins(runtime, rules, supervision, name);
    const signal = runtime.signal === undefined ? stop : AbortSignal.any([runtime.signal, stop]);
    try {
      const update = await Promise.race([body(state, { ...runtime, signal }), rejectedBy(stop)]);
      if (!stop.aborted) {
        const exit: Exit = { child: name, at: now(), how: "normal" };
        ends(runtime, rules, supervision, exit);
        if (leaves(update)) leftBy(runtime, supervision, name);
        return withExit(update, exits(supervision, exit));
      }
    } catch (thrown) {
      if (!stop.aborted || runtime.signal?.aborted) throw thrown;
    }
    // What it had written is dropped. What it had spent is not.
    const spent = spentSince(runtime, faultState(runtime, state).spent);
    return { ...exits(supervision, { child: name, at: now(), how: "cancelled" }), spent };
  };
}

/** Never throws (B18). */
export function childHandler(supervisor: Supervisor) {
  return (
    state: SupervisedState,
    { node, error }: NodeError,
    config?: LangGraphRunnableConfig,
  ): Command<unknown, Record<string, unknown>, typeof HUB> => {
    const { rules, now } = supervisor;
    const supervision = supervisionOf(supervisor, state, outer(failedNamespace(config)));
    const fault = classify(error);
    const id = exitId(supervision, node);
    rememberOriginal(config, id, fault);
    const earlier = earlierAttempts(config, error);
    const { rounds, spent } = faultState(config, state);
    const before = retried(
      node,
      failedTask(config),
      earlier,
      withRetries(config, rounds),
      spentSince(config, spent),
    );
    const known = faultRecord(fault, { id, node, attempts: earlier.length + 1 });
    const { category, code, message } = known;
    const exit: Exit = { child: node, at: now(), how: "failed", failure: { category, code, message } };
    ends(config, rules, supervision, exit);
    return new Command({
      goto: HUB,
      update: {
        ...before,
        faults: [...before.faults, { ...known, route: HUB, settled: true }],
        ...exits(supervision, exit),
      },
    });
  };
}

/** The last attempt is not among those that were retried. It is unknown when its process is gone. */
function earlierAttempts(config: LangGraphRunnableConfig | undefined, error: Error) {
  const attempts = attemptsOf(config, failedTask(config));
  const last = attempts.at(-1);
  return last === error || last === error.cause ? attempts.slice(0, -1) : attempts;
}

function supervisionOf({ name }: Supervisor, { supervision }: SupervisedState, visit: string): Supervision {
  const known = supervision?.[pathOf(visit, name)];
  return known ?? { visit, turn: 0, children: {}, restarts: [] };
}

/** A subgraph hands up its whole state. Two side by side would both write what neither has changed: LangGraph refuses. */
function changed(before: unknown, after: unknown): unknown {
  const known = new Map(Object.entries(before ?? {}));
  return Object.fromEntries(
    Object.entries(after ?? {}).filter(([key, value]) => !isDeepStrictEqual(value, known.get(key))),
  );
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

const exits = ({ turn }: Supervision, exit: Exit): { [EXITS]: Exits } => ({
  [EXITS]: { turn, exits: [exit] },
});

/** A node may answer with nothing, an update, a Command, or a list of these. */
function withExit(update: unknown, exit: { [EXITS]: Exits }): unknown {
  if (Array.isArray(update)) return [...update, new Command({ update: exit })];
  if (update === undefined || update === null) return exit;
  if (update instanceof Command) return [update, new Command({ update: exit })];
  return { ...(update as object), ...exit };
}
