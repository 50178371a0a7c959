/** How long a person waits from `npm start` to the first ticket, on a fresh data folder and on the second start. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The line that opens a ticket names it; the project's own first ticket is this one. */
const firstTicket = /A plain cancellation/;

export async function startTimes(
  root: string,
  say: (line: string) => void,
): Promise<{ first: number; second: number }> {
  const folder = await mkdtemp(join(tmpdir(), "faultline-start-"));
  try {
    const first = await secondsToFirstTicket(root, folder);
    say(`first start: ${first.toFixed(1)} s to the first ticket`);
    const second = await secondsToFirstTicket(root, folder);
    say(`second start: ${second.toFixed(1)} s`);
    return { first, second };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param folder - The working folder of the program, so that its `.data` is a fresh one. */
function secondsToFirstTicket(root: string, folder: string): Promise<number> {
  return new Promise((done, failed) => {
    const started = performance.now();
    const main = join(root, "graphs/order-desk/cli/main.ts");
    const loader = join(root, "node_modules/tsx/dist/loader.mjs");
    const { DATABASE_URL: _, OPENAI_API_KEY: __, ...env } = process.env;
    const child = spawn(process.execPath, ["--import", loader, main, "--answers", "yes"], {
      cwd: folder,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let seconds: number | undefined;
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (seconds !== undefined || !firstTicket.test(out)) return;
      seconds = (performance.now() - started) / 1000;
      child.kill("SIGTERM");
    });
    child.on("error", failed);
    child.on("exit", () => {
      if (seconds === undefined)
        failed(new Error(`npm start ended before its first ticket: ${out.slice(-500)}`));
      else done(seconds);
    });
  });
}
