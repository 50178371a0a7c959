/** A desk without graph or database: it does what the test says, and notes what it was told. */
import { openScreen } from "#graphs/order-desk/cli/screen.ts";
import type { Session } from "#graphs/order-desk/cli/session.ts";
import { createStop } from "#graphs/order-desk/cli/stop.ts";
import type { Desk, DeskRun, RunOptions } from "#graphs/order-desk/desk.ts";
import type { Proof, TicketReport } from "#graphs/order-desk/report.ts";
import { deskState } from "#graphs/order-desk/state.ts";

export const finished: DeskRun = {
  status: "finished",
  questions: [],
  state: deskState.parse({ replyText: "Done." }),
};

export function paused(question: string, options?: readonly string[]): DeskRun {
  const asked = { node: "approval", question, ...(options === undefined ? {} : { options }) };
  return { ...finished, status: "paused", questions: [{ id: `id of ${question}`, question: asked }] };
}

export const holds: Proof = {
  effects: 2,
  doubled: [],
  lost: [],
  unclaimed: [],
  moneyBalanced: true,
  moved: 10,
};

export function reportOf(run: DeskRun, thread: string): TicketReport {
  const outcome = { paused: "asked", finished: "resolved", failed: "failed", stopped: "failed" } as const;
  return {
    thread,
    outcome: outcome[run.status],
    changed: {},
    faults: {},
    faultList: [],
    effects: [],
    tokens: {},
  };
}

export interface StubDesk {
  readonly session: Session;
  /** Calls of the desk, as `start thread`, `answer thread text`, `continue thread`, `close`. */
  readonly calls: string[];
  /** All that was printed. */
  printed(): string;
}

export interface Behaviour {
  /** How a ticket's run ends, given its thread and the answers so far. Default: finished. */
  readonly run?: (
    thread: string,
    answers: readonly string[],
    options: RunOptions,
  ) => DeskRun | Promise<DeskRun>;
  /** Threads that were there before. */
  readonly known?: Readonly<Record<string, DeskRun>>;
  readonly proof?: Proof;
}

export function stubDesk({ run = () => finished, known = {}, proof = holds }: Behaviour = {}): StubDesk {
  const calls: string[] = [];
  const text: string[] = [];
  const runs = new Map(Object.entries(known));
  const answers = new Map<string, string[]>();

  async function goOn(thread: string, options: RunOptions = {}): Promise<DeskRun> {
    const ended = await run(thread, answers.get(thread) ?? [], options);
    runs.set(thread, ended);
    return ended;
  }

  const desk: Desk = {
    modelName: "stub",
    engine: "pglite",
    start(thread, _ticket, options) {
      calls.push(`start ${thread}`);
      return goOn(thread, options);
    },
    answer(thread, given, options) {
      const words = Object.values(given);
      calls.push(`answer ${thread} ${words.join(", ")}`);
      answers.set(thread, [...(answers.get(thread) ?? []), ...words]);
      return goOn(thread, options);
    },
    continue(thread, options) {
      calls.push(`continue ${thread}`);
      return goOn(thread, options);
    },
    look: async (thread) => runs.get(thread),
    history: async () => [],
    report: async (thread) => reportOf(runs.get(thread) ?? finished, thread),
    proof: async () => proof,
    async close() {
      calls.push("close");
    },
  };
  const session: Session = {
    screen: openScreen({ write: (chunk) => text.push(chunk) }, {}),
    stop: createStop(() => 0),
    openDesk: async () => desk,
    interactive: false,
    now: () => 1_800_000_000_000,
  };
  return { session, calls, printed: () => text.join("") };
}
