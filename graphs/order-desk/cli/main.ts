/** `npm start`: reads the command line, runs the command, and ends with its exit code. */
import {
  isCannotOpenError,
  isCheckpointDamagedError,
  isLeaseHeldError,
  isLeaseLostError,
  isPersistenceError,
  isStartUpError,
} from "#checkpoints/index.ts";
import { openDesk } from "../desk.ts";
import { loadEnv } from "../env.ts";
import { type CommandLine, readCommandLine } from "./flags.ts";
import { help } from "./help.ts";
import { history } from "./history.ts";
import { resume } from "./resume.ts";
import { runTickets } from "./run-tickets.ts";
import { openScreen } from "./screen.ts";
import type { ExitCode, Session } from "./session.ts";
import { createStop } from "./stop.ts";
import { isUsageError } from "./usage-error.ts";

const screen = openScreen(process.stdout, process.env);
const stop = createStop(() => performance.now());

function stopOrEnd(): void {
  const signal = stop.signalled();
  if (signal === "again") process.exit(130);
  if (signal === "echo") return;
  screen.line(screen.paint.yellow("Stopping after the current step. Ctrl-C again ends at once."));
  stop.request();
}

async function run(command: CommandLine, session: Session): Promise<ExitCode> {
  switch (command.kind) {
    case "help":
      process.stdout.write(help);
      return 0;
    case "run":
      return runTickets(command, session);
    case "resume":
      return resume(command, session);
    case "history":
      return history(command, session);
  }
}

/** What is stored, or where: its message says what to do, and where the program stood says nothing. */
function isOfDatabase(error: unknown): error is Error {
  return (
    isPersistenceError(error) ||
    isCheckpointDamagedError(error) ||
    isCannotOpenError(error) ||
    isLeaseLostError(error)
  );
}

async function main(): Promise<ExitCode> {
  try {
    const command = readCommandLine(process.argv.slice(2));
    loadEnv();
    process.on("SIGINT", stopOrEnd);
    process.on("SIGTERM", stopOrEnd);
    // Whoever read the output has gone; the tickets still end at a step.
    process.stdout.on("error", () => stop.request());
    const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
    return await run(command, { screen, stop, openDesk, interactive, now: Date.now });
  } catch (error) {
    screen.close();
    const refused = isUsageError(error) || isStartUpError(error) || isLeaseHeldError(error);
    console.error(refused || isOfDatabase(error) ? error.message : error);
    return refused ? 2 : 1;
  } finally {
    screen.close();
  }
}

process.exitCode = await main();
