/** Installs what `bench/peers` names, once, so that the project itself carries none of it. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../child.ts";

const installTimeoutMs = 180_000;
const folder = join(root, "bench/peers");

/** @returns Why the peers cannot be measured; undefined when they can. */
export async function peersTrouble(say: (line: string) => void): Promise<string | undefined> {
  if (existsSync(join(folder, "node_modules/@dbos-inc/dbos-sdk"))) return undefined;
  say("installing bench/peers …");
  try {
    await promisify(execFile)("npm", ["ci", "--prefix", folder], { timeout: installTimeoutMs });
    return undefined;
  } catch {
    return "`npm ci --prefix bench/peers` could not install it on this machine";
  }
}
