/**
 * Stops a run on request: every ticket ends at its next superstep, where all it did is in a checkpoint, and no
 * further one begins. A second request is a person who will not wait; `main.ts` ends the process then, as a crash
 * would, and a crash loses nothing either.
 */
import { RunControl } from "@langchain/langgraph";

export interface Stop {
  readonly requested: boolean;
  request(): void;
  /** A signal came: the first one is to be told and obeyed, a further one ends the process, an echo is nothing. */
  signalled(): "first" | "again" | "echo";
  /** Runs one piece of a ticket with a control of its own, which a request drains. */
  drainable<T>(run: (control: RunControl) => Promise<T>): Promise<T>;
}

/** The terminal signals every process of the command, and npm passes on what it got: one key press comes twice. */
const echoMs = 300;

/** @param now - Milliseconds, of any clock that does not jump. */
export function createStop(now: () => number): Stop {
  const running = new Set<RunControl>();
  let requested = false;
  let signalledAt: number | undefined;
  return {
    get requested() {
      return requested;
    },
    request() {
      requested = true;
      for (const control of running) control.requestDrain("stopped at the terminal");
    },
    signalled() {
      const since = signalledAt === undefined ? undefined : now() - signalledAt;
      if (since !== undefined && since < echoMs) return "echo";
      signalledAt = now();
      return since === undefined ? "first" : "again";
    },
    async drainable(run) {
      const control = new RunControl();
      running.add(control);
      if (requested) control.requestDrain("stopped at the terminal");
      try {
        return await run(control);
      } finally {
        running.delete(control);
      }
    },
  };
}
