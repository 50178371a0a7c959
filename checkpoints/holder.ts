/**
 * Who holds a thread's lease: for people by host and pid, for another process by marks that tell whether it is dead.
 *
 * Used by leases. Death can be seen from the same kernel and pid namespace only; elsewhere nobody is called dead.
 */
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";
import { isRunning, processStart } from "./process-start.ts";

const holderSchema = z.object({
  host: z.string(),
  pid: z.number(),
  started: z.string().exactOptional(),
  /** Where `pid` means this process: kernel and pid namespace. Absent where the system does not say. */
  pidSpace: z.string().exactOptional(),
});
export type Holder = z.infer<typeof holderSchema>;

let me: Promise<Holder> | undefined;

export function thisProcess(): Promise<Holder> {
  me ??= describe();
  return me;
}

async function describe(): Promise<Holder> {
  const [started, space] = await Promise.all([processStart(process.pid), pidSpace()]);
  return {
    host: hostname(),
    pid: process.pid,
    ...(started === undefined ? {} : { started }),
    ...(space === undefined ? {} : { pidSpace: space }),
  };
}

/** A host's name does not do: two machines may share it, and a container's pids are its own. */
async function pidSpace(): Promise<string | undefined> {
  try {
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    return `${boot.trim()} ${await readlink("/proc/self/ns/pid")}`;
  } catch {
    return undefined; // Not Linux.
  }
}

/** Undefined when it was written by something else. */
export function parseHolder(text: string): Holder | undefined {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** True only where this process can be sure of it. */
export async function isGone(holder: Holder): Promise<boolean> {
  const { pidSpace: here } = await thisProcess();
  return here !== undefined && here === holder.pidSpace && !(await isRunning(holder));
}

export function nameOf({ host, pid }: Holder): string {
  return `process ${pid} on host ${host}`;
}
