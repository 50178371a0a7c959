/** On what a section was measured; stands beside its figures. */
import { execFile } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { promisify } from "node:util";
import { root } from "./child.ts";

export interface Environment {
  readonly machine: string;
  readonly node: string;
  /** ISO 8601, to the day. */
  readonly date: string;
  readonly commit: string;
}

export async function environment(): Promise<Environment> {
  return {
    machine: `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    commit: await commit(),
  };
}

export const inWords = ({ machine, node, date, commit }: Environment): string =>
  `${machine}, Node ${node}, ${date}, commit ${commit}`;

async function commit(): Promise<string> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)("git", args, { cwd: root })).stdout.trim();
  try {
    const hash = await git("rev-parse", "--short", "HEAD");
    // What the bench itself writes changes nothing that it measures.
    const changed = await git("status", "--porcelain", "--", ".", ":!docs", ":!bench/results");
    return changed === "" ? hash : `${hash} with changes`;
  } catch {
    return "unknown";
  }
}
