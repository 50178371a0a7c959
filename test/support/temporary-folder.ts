/** A folder for one test, removed when that test finishes. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "faultline-test-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
