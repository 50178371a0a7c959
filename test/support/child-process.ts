/** Starts a TypeScript file as a process of its own, for tests in which a process has to die or compete. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { inject, onTestFinished } from "vitest";

export interface Child {
  readonly pid: number;
  /** Everything it has printed so far, on both streams. */
  output(): string;
  /** Resolves once it has printed `text`; rejects when it ends without. */
  printed(text: string): Promise<void>;
  /** SIGKILL: it gets no chance to tidy up. */
  kill(): Promise<void>;
  /** Its exit code, once it has ended; null when it was killed. */
  readonly ended: Promise<number | null>;
}

/** One of the processes in `bundles.ts`. Killed when the test finishes, if it has not ended by then. */
export function startChild(script: string, args: string[], env: Record<string, string> = {}): Child {
  return start([join(inject("bundles"), script.replace(/\.ts$/, ".mjs")), ...args], env);
}

/** As `npm start` does it: slower by seconds. */
export function startSource(script: string, args: string[], env: Record<string, string> = {}): Child {
  return start(["--import", "tsx", script, ...args], env);
}

function start(words: string[], env: Record<string, string>): Child {
  const child = spawn(process.execPath, words, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  return {
    pid: child.pid ?? 0,
    output: () => output,
    printed: (text) =>
      new Promise((resolve, reject) => {
        const look = () => output.includes(text) && resolve();
        listeners.add(look);
        look();
        void ended.then(() => reject(new Error(`ended without printing "${text}":\n${output}`)));
      }),
    kill,
    ended,
  };
}
