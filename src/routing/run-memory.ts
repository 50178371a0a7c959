/**
 * Memory beside a run, for routing's attempts and the supervisor's siblings: gone with the run, and never in state.
 *
 * LangGraph makes one RunControl a run, but the same may be given to several, so that one request drains them all. Each
 * thread has a memory of its own then; a run and its resume share it. Runs without a thread id cannot be told apart
 * (LangGraph 1.7.3 shows a node no run id): those need a control each. Nothing here needs to survive a crash.
 */
import type { LangGraphRunnableConfig, RunControl } from "@langchain/langgraph";

/** Of one control, which may serve a process for all its life. Those that were not used for longest fall out. */
const KEPT_THREADS = 10_000;

/** @returns The run's memory, made when it is first asked for. One that nobody keeps for a node outside a run. */
export function besideRun<Memory>(
  fresh: () => Memory,
): (config: LangGraphRunnableConfig | undefined) => Memory {
  const controls = new WeakMap<RunControl, Map<string, Memory>>();
  return (config) => {
    if (config?.control === undefined) return fresh();
    const threads = controls.get(config.control) ?? new Map<string, Memory>();
    controls.set(config.control, threads);
    const thread = config.executionInfo?.threadId ?? "";
    const memory = threads.get(thread) ?? fresh();
    threads.delete(thread);
    threads.set(thread, memory);
    if (threads.size > KEPT_THREADS) threads.delete(threads.keys().next().value as string);
    return memory;
  };
}
