import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { claim, type FolderLock, lockFolder } from "#checkpoints/folder-lock.ts";
import { startChild } from "../support/child-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Above any pid that Linux or macOS hands out. */
const deadPid = 2 ** 30;

const holder = (change: object = {}) =>
  JSON.stringify({ pid: deadPid, host: hostname(), released: false, ...change });

/** A folder whose lock was left behind, with `content` as what the holder wrote. */
async function leftBehind(content: string, generation = 1): Promise<string> {
  const folder = join(await temporaryFolder(), "pg");
  await mkdir(`${folder}.lock`);
  await writeFile(join(`${folder}.lock`, String(generation)), content);
  return folder;
}

const heldBy = (attempts: PromiseSettledResult<FolderLock>[]) =>
  attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));

test("a second holder in this process is refused, with pid, folder and a way out", async () => {
  const folder = join(await temporaryFolder(), "pg");
  await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(
    `The data folder ${folder} is in use by this process (${process.pid}) already. End that process,`,
  );
});

test("a released lock can be taken again, as often as one likes", async () => {
  const folder = join(await temporaryFolder(), "pg");
  for (let round = 0; round < 5; round++) await (await lockFolder(folder)).release();
  await lockFolder(folder);
  expect(await readdir(`${folder}.lock`)).toHaveLength(1);
});

test("another spelling of the same folder meets the same lock", async () => {
  const root = await temporaryFolder();
  await mkdir(join(root, "pg"));
  await symlink(join(root, "pg"), join(root, "alias"));
  await lockFolder(join(root, "pg"));
  await expect(lockFolder(join(root, "alias"))).rejects.toThrow("in use");
});

test("the lock of a dead process is taken over", async () => {
  await lockFolder(await leftBehind(holder()));
});

test("a pid that was given to another process does not keep the lock: a container is always pid 1", async () => {
  await lockFolder(await leftBehind(holder({ pid: process.pid, started: "at some other time" })));
});

test("a lock from another host is left alone, with the file to delete", async () => {
  const folder = await leftBehind(holder({ host: "elsewhere" }));
  await expect(lockFolder(folder)).rejects.toThrow(`on host elsewhere`);
  await expect(lockFolder(folder)).rejects.toThrow(`delete ${folder}.lock`);
});

describe("a lock file without a name in it", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    return () => vi.useRealTimers();
  });

  /** Resolves once the lock has looked at the file and waits to look again. */
  async function waiting(): Promise<void> {
    while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  test("belongs to a holder that is still writing it", async () => {
    const folder = await leftBehind("");
    const refused = expect(lockFolder(folder)).rejects.toThrow("in use");
    await waiting();
    await writeFile(join(`${folder}.lock`, "1"), holder({ pid: process.pid }));
    vi.runOnlyPendingTimers();
    await refused;
  });

  test("is free after two seconds: its creator died before it wrote", async () => {
    const folder = await leftBehind("");
    let looks = 0;
    const taken = lockFolder(folder).then(() => "taken");
    while ((await Promise.race([taken, waiting()])) !== "taken") {
      vi.runOnlyPendingTimers();
      looks += 1;
    }
    expect(looks * 20).toBeGreaterThanOrEqual(2_000);
  });
});

test("of twenty that find a stale lock at once, one gets it", async () => {
  for (let round = 0; round < 20; round++) {
    const folder = await leftBehind(holder());
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockFolder(folder)));
    expect(heldBy(attempts)).toHaveLength(1);
  }
});

test("takers and leavers in a crowd never hold it together", async () => {
  const folder = join(await temporaryFolder(), "pg");
  let holding = 0;
  let taken = 0;
  const worker = async () => {
    for (let round = 0; round < 30; round++) {
      const [lock] = heldBy(await Promise.allSettled([lockFolder(folder)]));
      if (lock === undefined) continue;
      holding += 1;
      taken += 1;
      expect(holding).toBe(1);
      await readFile(import.meta.filename); // Others get to look while it is held.
      holding -= 1;
      await lock.release();
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  expect(taken).toBeGreaterThan(10);
});

test("one that stalled between looking and creating backs off when others have passed it", async () => {
  const folder = await leftBehind(holder({ pid: process.pid, released: true }), 3);
  expect(await claim(`${folder}.lock`, 2)).toBeUndefined();
  expect(await readdir(`${folder}.lock`)).toEqual(["3"]);
});

test("a killed process leaves its lock to the next; a living one keeps it", async () => {
  const folder = join(await temporaryFolder(), "pg");
  const child = startChild("test/checkpoints/processes/hold-lock.ts", [folder]);
  await child.printed("locked");
  await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${child.pid}`);
  await child.kill();
  await (await lockFolder(folder)).release();
});

test("a lock whose folders were deleted meanwhile can be released", async () => {
  const root = await temporaryFolder();
  const lock = await lockFolder(join(root, "pg"));
  await rm(root, { recursive: true });
  await lock.release();
});
