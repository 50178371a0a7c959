/**
 * Stops a run on request: every ticket ends at its next superstep, where all it did is in a checkpoint, and no
 * further one begins. A second request is a person who will not wait; `main.ts` ends the process then, as a crash
 * would, and a crash loses nothing either.
 */
import { RunControl } from "@langchain/langgraph";

export interface Stop {
  readonly requested: boolean;
  request(): void;
  /** Runs one piece of a ticket with a control of its own, which a request drains. */
  drainable<T>(run: (control: RunControl) => Promise<T>): Promise<T>;
}

export function createStop(): Stop {
  const running = new Set<RunControl>();
  let requested = false;
  return {
    get requested() {
      return requested;
    },
    request() {
      requested = true;
      for (const control of running) control.requestDrain("stopped at the terminal");
    },
    async drainable(run) {
      const control = new RunControl();
      running.add(control);
      try {
        return await run(control);
      } finally {
        running.delete(control);
      }
    },
  };
}
