/** Runs a measurement in a process of its own, so that its memory, its garbage and its JIT are its own. */
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(new URL("..", import.meta.url)));

/**
 * @param script - Relative to the project. Takes one JSON argument and prints its figures as the last line, in JSON.
 * @throws When the process fails.
 */
export function inChild<Figures>(script: string, request: object): Promise<Figures> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, ["--import", "tsx", script, JSON.stringify(request)], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
    });
    child.on("error", failed);
    child.on("exit", (code, signal) => {
      if (code === 0) done(JSON.parse(out.trim().split("\n").at(-1) ?? "") as Figures);
      else failed(new Error(`${script} ended with ${code ?? signal}`));
    });
  });
}
