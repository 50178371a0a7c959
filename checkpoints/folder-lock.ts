/**
 * Lets one process at a time use a data folder.
 *
 * PGlite has no such guard: two processes on one folder both succeed, and the writes of one are gone without
 * an error. The lock is a folder of its own, `<folder>.lock`, with one file that names the holder. A file is
 * called by its generation: whoever finds the highest one free (released, or its holder dead) takes the lock
 * by creating the next. Only that creation decides (O_EXCL), and the highest file is never removed, so a
 * process that stalled between looking and creating cannot slip in beside a later holder.
 */
import { mkdir, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { isRunning, processStart } from "./process-start.ts";
import { StartUpError } from "./start-up-error.ts";

export interface FolderLock {
  /** The folder's real path. */
  readonly folder: string;
  release(): Promise<void>;
}

const holderSchema = z.object({
  pid: z.number(),
  /** Tells the process from a later one with the same pid; absent where the system does not say. */
  started: z.string().optional(),
  host: z.string(),
  released: z.boolean(),
});
type Holder = z.infer<typeof holderSchema>;

/** How long a file without content may be one that its creator is about to fill. */
const fillMs = 2_000;
const pollMs = 20;

/**
 * Creates the folder at `path` if need be and locks it.
 *
 * @throws StartUpError when a living process holds it, or one on another host, which cannot be asked.
 */
export async function lockFolder(path: string): Promise<FolderLock> {
  await mkdir(path, { recursive: true });
  const folder = await realpath(path); // Two spellings of one folder must meet in one lock.
  const locks = `${folder}.lock`;
  await mkdir(locks, { recursive: true });
  for (;;) {
    const highest = (await generations(locks)).at(-1) ?? 0;
    if (highest > 0) await refuseIfHeld(folder, join(locks, String(highest)));
    const release = await claim(locks, highest + 1);
    if (release !== undefined) return { folder, release };
  }
}

/** Creates one generation. Undefined when another process was faster: look again. Exported for its test. */
export async function claim(locks: string, generation: number): Promise<(() => Promise<void>) | undefined> {
  const file = join(locks, String(generation));
  const started = await processStart(process.pid);
  const me: Holder = { pid: process.pid, ...(started && { started }), host: hostname(), released: false };
  try {
    await writeFile(file, JSON.stringify(me), { flag: "wx" });
  } catch (error) {
    if (hasCode(error, "EEXIST")) return undefined;
    throw error;
  }
  // A process that stalled since it looked may have created a generation that others have long passed.
  const all = await generations(locks);
  if (all.some((other) => other > generation)) {
    await rm(file, { force: true });
    return undefined;
  }
  for (const older of all) if (older < generation) await rm(join(locks, String(older)), { force: true });
  return async () => {
    await writeFile(file, JSON.stringify({ ...me, released: true })).catch((error: unknown) => {
      if (!hasCode(error, "ENOENT")) throw error; // Deleted by hand: nothing is locked any more.
    });
  };
}

async function refuseIfHeld(folder: string, file: string): Promise<void> {
  const holder = await readHolder(file);
  if (holder === undefined || holder.released) return;
  if (holder.host !== hostname()) {
    throw new StartUpError(
      `The data folder ${folder} is locked by process ${holder.pid} on host ${holder.host}, which cannot be asked from here. ` +
        `If that process is gone, delete ${dirname(file)}; if not, use another folder or set DATABASE_URL.`,
    );
  }
  if (!(await isRunning(holder))) return;
  const who = holder.pid === process.pid ? `this process (${holder.pid}) already` : `process ${holder.pid}`;
  throw new StartUpError(
    `The data folder ${folder} is in use by ${who}. ` +
      "End that process, use another folder, or set DATABASE_URL: a Postgres server takes many processes.",
  );
}

/** Who holds the lock; undefined when the file is gone, or its creator died before it wrote its name. */
async function readHolder(file: string): Promise<Holder | undefined> {
  for (let waited = 0; waited <= fillMs; waited += pollMs) {
    try {
      return holderSchema.parse(JSON.parse(await readFile(file, "utf8")));
    } catch (error) {
      if (hasCode(error, "ENOENT")) return undefined;
      if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return undefined;
}

/** The generations that have a file, in rising order. */
async function generations(locks: string): Promise<number[]> {
  const names = await readdir(locks);
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
