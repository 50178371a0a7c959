/** A copy of the tree as `.dockerignore` leaves it: what an image gets, and a place that a server may write to. */
import { cp, mkdtemp, readFile, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));

export interface CopiedTree {
  readonly folder: string;
  remove(): Promise<void>;
}

/** @param linkModules - Uses this tree's installed packages. Without them the copy has none. */
export async function copiedTree({ linkModules }: { linkModules: boolean }): Promise<CopiedTree> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "faultline-tree-")));
  const ignored = await ignoredPaths();
  await cp(root, folder, {
    recursive: true,
    filter: (source) => !ignored(relative(root, source)),
  });
  if (linkModules) await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Names at the root, and `*.ending` there: all that this project's .dockerignore uses; anything else is an error. */
async function ignoredPaths(): Promise<(path: string) => boolean> {
  const patterns = (await readFile(join(root, ".dockerignore"), "utf8"))
    .split("\n")
    .filter((line) => line !== "");
  const odd = patterns.find((pattern) => !/^(\*\.)?[\w.-]+$/.test(pattern));
  if (odd !== undefined) throw new RangeError(`.dockerignore: this test cannot read the pattern ${odd}`);
  return (path) =>
    patterns.some((pattern) =>
      pattern.startsWith("*") ? !path.includes("/") && path.endsWith(pattern.slice(1)) : path === pattern,
    );
}
