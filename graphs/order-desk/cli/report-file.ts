/** The `--report` file: what became of each ticket, as JSON, whole or not at all. */
import { access, constants, lstat, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { TicketResult } from "./run-ticket.ts";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError when no report could be written to `file` at the end. */
export async function checkReportFile(file: string): Promise<void> {
  const trouble = await troubleWith(file);
  if (trouble !== undefined) {
    throw new UsageError(`--report ${file}: ${trouble}; name a file in a folder that you may write to`);
  }
}

async function troubleWith(file: string): Promise<string | undefined> {
  const folder = dirname(resolve(file));
  try {
    if (!(await stat(folder)).isDirectory()) return `${folder} is no folder`;
    await access(folder, constants.W_OK);
  } catch (error) {
    const code = codeOf(error);
    return code === "ENOENT" ? `there is no folder ${folder}` : `${folder} cannot be written to (${code})`;
  }
  // The report takes the place of what is there: of a device or a link that would be no report but damage.
  const there = await lstat(file).catch(() => undefined);
  if (there === undefined || there.isFile()) return undefined;
  return there.isDirectory() ? "it is a folder" : "it is no plain file";
}

/** Writes beside the file and renames, so that nobody ever reads half a report. */
export async function writeReport(file: string, results: readonly TicketResult[]): Promise<void> {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(unfinished, `${JSON.stringify(results.map(reported), undefined, 2)}\n`);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

/** One ticket in the report. `changed` leaves out tables without a change. */
export function reported({ id, thread, outcome, report, ms }: TicketResult) {
  const { changed, faults, faultList, effects, tokens } = report;
  const tables = Object.entries(changed).filter(([, records]) => Object.keys(records ?? {}).length > 0);
  return { id, thread, outcome, changed: Object.fromEntries(tables), faults, faultList, effects, tokens, ms };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
