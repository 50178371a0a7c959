/**
 * Reads `.env` from the folder that a process is started in, where there is one.
 *
 * For `npm start` and for the servers that import the graph. langgraph.json could name the file under "env", but then
 * the dev server reads it at its start and must find it, and a fresh clone has none. Not for tests: theirs is the
 * environment that they set.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { StartUpError } from "#checkpoints/index.ts";

/**
 * Sets what the file names. A variable that is set already stays, also when it is set to nothing.
 *
 * @throws StartUpError when the file is there and cannot be read.
 */
export function loadEnv(file = ".env"): void {
  // Node 20 says ENOENT of a file that it may not read, too.
  if (!existsSync(file)) return;
  try {
    process.loadEnvFile(file);
  } catch (error) {
    throw new StartUpError(
      `${resolve(file)} cannot be read: make it a file that this user may read, or take it away.`,
      { cause: error },
    );
  }
}
