/**
 * A disk of a test's own that is small enough to be filled: a tmpfs. Mounting needs root, or sudo without a password,
 * as on most CI machines.
 */
import { execFile } from "node:child_process";
import { chmod, type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface SmallDisk {
  readonly folder: string;
  /** Leaves no room for one byte. */
  fill(): Promise<void>;
  /** Takes away what `fill` wrote. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

async function fits(file: FileHandle, bytes: Buffer): Promise<boolean> {
  try {
    await file.appendFile(bytes);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") return false;
    throw error;
  }
}

/** Undefined where this user may not mount. */
export async function openSmallDisk(megabytes: number): Promise<SmallDisk | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "faultline-disk-"));
  await chmod(folder, 0o777);
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const privileged = async (...command: string[]) => {
    const [file = "", ...args] = [...asRoot, ...command];
    await run(file, args);
  };
  try {
    await privileged("mount", "-t", "tmpfs", "-o", `size=${megabytes}m,mode=1777`, "tmpfs", folder);
  } catch {
    await rm(folder, { recursive: true });
    return undefined;
  }
  const filler = join(folder, "filler");
  return {
    folder,
    async fill() {
      const file = await open(filler, "a");
      try {
        for (const bytes of [2 ** 20, 2 ** 12, 1]) {
          const more = Buffer.alloc(bytes);
          while (await fits(file, more));
        }
      } finally {
        await file.close();
      }
    },
    free: () => rm(filler, { force: true }),
    async remove() {
      await privileged("umount", "--lazy", folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
