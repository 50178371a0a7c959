/** What every command works with, handed in by `main.ts`, so that a test can run one without a terminal or a database. */
import type { Desk, DeskOptions } from "../desk.ts";
import type { Screen } from "./screen.ts";
import type { Stop } from "./stop.ts";

export interface Session {
  readonly screen: Screen;
  readonly stop: Stop;
  readonly openDesk: (options: DeskOptions) => Promise<Desk>;
  /** A person sits at the terminal and can be asked. */
  readonly interactive: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** 0: all went as reported. 1: the proof failed, or the desk itself broke. 2: never begun. 130: stopped by Ctrl-C. */
export type ExitCode = 0 | 1 | 2 | 130;

/** Opens the desk, tells what that takes, and closes it whatever happens. */
export async function withDesk<T>(
  { screen, openDesk }: Session,
  options: DeskOptions,
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  screen.status("opening the desk");
  const desk = await openDesk({ ...options, onProgress: (line) => screen.line(screen.paint.dim(line)) });
  try {
    return await work(desk);
  } finally {
    await desk.close();
  }
}
