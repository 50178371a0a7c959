/**
 * Places at which a test can have the process die, each named after the window that it opens.
 *
 * For tests alone: FAULTLINE_CRASH_POINT=after-claim@3 kills the process with SIGKILL on the third pass, and only
 * under NODE_ENV=test. Not for faults that the code is to handle: nothing after a crash point runs.
 */

export const crashPoints = [
  /** An effect is claimed, and has not happened. */
  "after-claim",
  /** It has happened, and the ledger does not know. */
  "after-effect-before-record",
  /** The ledger knows, and the node's checkpoint does not. */
  "after-record-before-checkpoint",
  /** A handler has decided where to go, and none of it is saved. */
  "inside-error-handler",
  /** A step is taken back, and still stands in the saga's list. */
  "inside-compensation",
  /** What retention takes away of a thread is gone, and not committed. */
  "inside-retention",
] as const;

export type CrashPoint = (typeof crashPoints)[number];

const armed = fromEnv();

/** Never returns on the pass that FAULTLINE_CRASH_POINT names. Does nothing in a process without it. */
export function crashPoint(name: CrashPoint): void {
  if (armed === undefined || armed.name !== name) return;
  armed.passesLeft -= 1;
  if (armed.passesLeft > 0) return;
  process.kill(process.pid, "SIGKILL");
  // The signal may take a moment, in which this thread must do nothing more.
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (;;) Atomics.wait(never, 0, 0);
}

/** A name that nobody passes would test nothing, so the process ends with one line. */
function fromEnv(): { name: string; passesLeft: number } | undefined {
  const { FAULTLINE_CRASH_POINT: text, NODE_ENV } = process.env;
  if (!text || NODE_ENV !== "test") return undefined;
  const [, name = "", passes = "1"] = /^([^@]*)(?:@([1-9]\d*))?$/.exec(text) ?? [];
  if (crashPoints.some((known) => known === name)) return { name, passesLeft: Number(passes) };
  process.stderr.write(
    `FAULTLINE_CRASH_POINT=${text} names no crash point. Write one of ${crashPoints.join(", ")}, with @n for its n-th pass.\n`,
  );
  process.exit(1);
}
