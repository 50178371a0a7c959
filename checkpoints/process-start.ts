/**
 * When a process was started, as a text that only serves to be compared.
 *
 * Pids are used again; a pid together with its start is not. Used by the folder's lock and by leases.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Undefined when there is no such process, or when this system does not say (Windows). */
export async function processStart(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === "linux") return await fromProc(pid);
    if (process.platform === "win32") return undefined;
    const { stdout } = await run("ps", ["-o", "lstart=", "-p", String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process that was given `pid` at `started` still runs, as far as this system says. */
export async function isRunning({
  pid,
  started,
}: {
  pid: number;
  started?: string | undefined;
}): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  // In a container the process is pid 1 every time, so a living pid alone proves nothing.
  const now = await processStart(pid);
  return started === undefined || now === undefined || now === started;
}

/** Clock ticks since boot (field 22 of proc_pid_stat(5)), with the boot's id: ticks begin anew at each boot. */
async function fromProc(pid: number): Promise<string | undefined> {
  const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // Field 2 is the command in parentheses and may hold spaces, so count from its end.
  const ticks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  return ticks === undefined ? undefined : `${boot}:${ticks}`;
}
