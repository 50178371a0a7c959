/**
 * The desk as a program runs it: the same graph that langgraph.json lists, compiled with this project's checkpoints.
 *
 * Used by the command line, tests and benches. Studio and the servers run the graph themselves, with their own
 * checkpointer.
 */
import { Command, type RunControl, type StateSnapshot } from "@langchain/langgraph";
import { isLeaseLostError } from "#checkpoints/index.ts";
import { eventOf, type FaultlineEvent } from "#src/events/index.ts";
import { isControlFlow } from "#src/faults/index.ts";
import type { HumanQuestion } from "#src/routing/index.ts";
import { contextOf, type DeskContext } from "./context.ts";
import { orderDesk } from "./graph.ts";
import { type Proof, proofOf, reportOf, type TicketReport } from "./report.ts";
import { type DeskOptions, type OpenResources, openResources } from "./resources.ts";
import type { Scene } from "./scene.ts";
import type { DeskState } from "./state.ts";
import { type HistoryEntry, historyOf } from "./thread-history.ts";

export type { DeskOptions } from "./resources.ts";

/** What a run says while it runs. `path` names the subgraphs around the node, the desk itself left out. */
export type DeskEvent =
  | { readonly kind: "fault"; readonly path: readonly string[]; readonly event: FaultlineEvent }
  | {
      readonly kind: "node";
      readonly path: readonly string[];
      readonly node: string;
      readonly update: Record<string, unknown>;
    };

export interface RunOptions {
  /** Default: approvals above the default limit, on a branch named after the thread. */
  readonly context?: DeskContext;
  readonly onEvent?: (event: DeskEvent) => void;
  readonly signal?: AbortSignal;
  /** `requestDrain` on it ends the run at the next superstep boundary, with status "stopped". */
  readonly control?: RunControl;
}

export interface OpenQuestion {
  readonly id: string;
  readonly question: HumanQuestion;
}

export interface DeskRun {
  /** "failed": a bug or a crash; "stopped": drained, aborted, or its lease lost. `continue` goes on from any. */
  readonly status: "finished" | "paused" | "failed" | "stopped";
  readonly questions: readonly OpenQuestion[];
  readonly error?: unknown;
  readonly state: DeskState;
}

/** Every method that runs a thread: @throws LeaseHeldError when somebody else runs it. */
export interface Desk {
  readonly modelName: string;
  readonly engine: "postgres" | "pglite";
  start(thread: string, ticket: { message: string; scene?: Scene }, run?: RunOptions): Promise<DeskRun>;
  /** @param answers - By the ids of the open questions; those left out stay open. */
  answer(thread: string, answers: Record<string, string>, run?: RunOptions): Promise<DeskRun>;
  continue(thread: string, run?: RunOptions): Promise<DeskRun>;
  /** Where the thread stands, without running it. Undefined when nobody knows the thread. */
  look(thread: string): Promise<DeskRun | undefined>;
  /** Oldest first. */
  history(thread: string): Promise<HistoryEntry[]>;
  report(thread: string): Promise<TicketReport>;
  proof(threads: readonly string[]): Promise<Proof>;
  close(): Promise<void>;
}

/** Supersteps that one run may take. A plan of seven actions with all its reads takes some 60. */
const RECURSION_LIMIT = 500;

/** @throws StartUpError, with one line that says what is wrong, where, and how to mend it. */
export async function openDesk(options: DeskOptions): Promise<Desk> {
  const resources = await openResources(options);
  return deskOn(resources, () => Promise.resolve(resources));
}

export function deskOn(resources: OpenResources, nodes: () => Promise<OpenResources>): Desk {
  const graph = orderDesk(nodes).compile({ checkpointer: resources.persistence.saver, name: "order-desk" });

  const subgraphs = new Set([...graph.getSubgraphs(undefined, true)].flatMap(([path]) => path.split("|")));

  function run(thread: string, input: object | Command | null, options: RunOptions): Promise<DeskRun> {
    const { signal } = options;
    return resources.persistence.leases.hold(
      thread,
      (both) => runHeld(thread, input, { ...options, signal: both }),
      { signal },
    );
  }

  /** @param signal - Aborts when the caller wants, and when the thread's lease is lost. */
  async function runHeld(
    thread: string,
    input: object | Command | null,
    { onEvent = () => {}, context, signal, control }: RunOptions & { readonly signal: AbortSignal },
  ): Promise<DeskRun> {
    try {
      const stream = await graph.stream(input as Parameters<typeof graph.stream>[0], {
        configurable: { thread_id: thread },
        context: contextOf({ context: { branch: thread, ...context } }),
        durability: "sync",
        recursionLimit: RECURSION_LIMIT,
        streamMode: ["custom", "updates"],
        subgraphs: true,
        signal,
        ...(control === undefined ? {} : { control }),
      });
      for await (const chunk of stream) {
        for (const event of eventsIn(chunk as StreamChunk)) onEvent(event);
      }
    } catch (error) {
      // Whatever a run says that has lost its thread, this is why.
      const why = isLeaseLostError(signal.reason) ? signal.reason : error;
      const stopped = isControlFlow(why, signal);
      return { ...(await standing(thread)), status: stopped ? "stopped" : "failed", error: why };
    }
    return standing(thread);
  }

  async function standing(thread: string): Promise<DeskRun> {
    const snapshot = await graph.getState({ configurable: { thread_id: thread } }, { subgraphs: true });
    const questions = questionsIn(snapshot);
    const status = questions.length > 0 ? "paused" : snapshot.next.length > 0 ? "stopped" : "finished";
    return { status, questions, state: await innermost(thread, snapshot) };
  }

  /**
   * The state as the innermost subgraph that has not ended has it, which keeps it to itself until then. LangGraph shows
   * the one of a paused subgraph with the snapshot, but not that of a failed one (measured on 1.7.3): its namespace is
   * asked.
   */
  async function innermost(
    thread: string,
    { values, tasks }: StateSnapshot,
    around = "",
  ): Promise<DeskState> {
    const inside = tasks
      .filter(({ name }) => subgraphs.has(name))
      .map(async ({ name, id }) => {
        const checkpoint_ns = `${around}${name}:${id}`;
        const within = await graph.getState({ configurable: { thread_id: thread, checkpoint_ns } });
        return innermost(thread, within, `${checkpoint_ns}|`);
      });
    return Object.assign({}, values, ...(await Promise.all(inside)));
  }

  return {
    modelName: resources.modelName,
    engine: resources.persistence.engine,
    start(thread, { message, scene }, options = {}) {
      if (scene !== undefined) resources.setScene(thread, scene);
      return run(thread, { message }, options);
    },
    answer: (thread, answers, options = {}) => run(thread, new Command({ resume: answers }), options),
    continue: (thread, options = {}) => run(thread, null, options),
    async look(thread) {
      const found = await standing(thread);
      return Object.keys(found.state).length === 0 ? undefined : found;
    },
    history: (thread) => historyOf(graph, subgraphs, thread),
    report: async (thread) => reportOf(resources, thread, await standing(thread)),
    proof: (threads) =>
      proofOf(resources, threads, async (thread) => (await standing(thread)).status === "finished"),
    close: () => resources.close(),
  };
}

type StreamChunk = [path: string[], mode: "custom" | "updates", payload: unknown];

function* eventsIn([namespace, mode, payload]: StreamChunk): Generator<DeskEvent> {
  const path = namespace.map((level) => level.split(":")[0] ?? level);
  if (mode === "custom") {
    const event = eventOf(payload);
    if (event !== undefined) yield { kind: "fault", path, event };
    return;
  }
  for (const [node, update] of Object.entries(payload as Record<string, unknown>)) {
    if (node.startsWith("__")) continue;
    yield { kind: "node", path, node, update: (update ?? {}) as Record<string, unknown> };
  }
}

function questionsIn(snapshot: StateSnapshot): OpenQuestion[] {
  return snapshot.tasks.flatMap(({ interrupts, state }) => {
    const inside = state !== undefined && "tasks" in state ? questionsIn(state as StateSnapshot) : [];
    const own = interrupts.map(({ id, value }) => ({ id: id ?? "", question: value as HumanQuestion }));
    return inside.length > 0 ? inside : own;
  });
}
