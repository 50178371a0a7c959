/** `npm run checkpoints`: reads the command line, runs the command, and ends with its exit code. */
import { existsSync } from "node:fs";
import { inspect } from "node:util";
import { parseKeys } from "../encryption.ts";
import { openPersistence, type Persistence } from "../persistence.ts";
import { isPersistenceError } from "../persistence-error.ts";
import { reseal } from "../reseal.ts";
import { openLedger, resealLedger } from "../reseal-ledger.ts";
import { prune } from "../retention.ts";
import { isStartUpError, StartUpError } from "../start-up-error.ts";
import { toStock } from "../to-stock.ts";
import { readCommand } from "./flags.ts";
import { help } from "./help.ts";
import { convertedLines, prunedLines, resealedLines } from "./lines.ts";

const print = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (line: string) => void process.stderr.write(`${line}\n`);

async function main(): Promise<0 | 1 | 2> {
  const command = readCommand(process.argv.slice(2));
  if (command.kind === "help") {
    process.stdout.write(help);
    return 0;
  }
  if (existsSync(".env")) process.loadEnvFile(".env");
  const keys = parseKeys(process.env.FAULTLINE_ENCRYPTION_KEY ?? "");
  const { schema, thread } = command;
  const persistence = await openPersistence({
    ...(schema === undefined ? {} : { schema }),
    existing: true,
    onProgress: print,
  });
  try {
    const only = thread === undefined ? {} : { thread };
    if (thread !== undefined && !(await isThere(persistence, thread))) {
      complain(
        `There is no thread ${thread} in schema ${persistence.schema}: correct --thread, or name its --schema`,
      );
      return 2;
    }
    if (command.kind === "reseal") {
      if (keys === undefined) throw new StartUpError("reseal needs a key: set FAULTLINE_ENCRYPTION_KEY");
      const [threads, ledger] = [await reseal(persistence, keys), await resealLedger(persistence, keys)];
      for (const line of resealedLines(threads, ledger)) print(line);
      return threads.some(({ left }) => left !== undefined) || ledger.problems.length > 0 ? 1 : 0;
    }
    if (command.kind === "to-stock") {
      const results = await toStock(persistence, only, keys);
      const ledger = thread === undefined ? await openLedger(persistence, keys) : undefined;
      for (const line of convertedLines(results, ledger)) print(line);
      const stuck = ledger !== undefined && ledger.problems.length > 0;
      return stuck || results.some(({ left }) => left !== undefined) ? 1 : 0;
    }
    const { keepLast, olderThan, dryRun } = command;
    const results = await prune(persistence, {
      ...only,
      dryRun,
      ...(keepLast === undefined ? {} : { keepLast }),
      ...(olderThan === undefined ? {} : { before: new Date(Date.now() - olderThan) }),
    });
    for (const line of prunedLines(results, dryRun)) print(line);
    return results.some(({ left }) => left !== undefined && left !== "waiting") ? 1 : 0;
  } finally {
    await persistence.close();
  }
}

async function isThere({ pool, schema }: Persistence, thread: string): Promise<boolean> {
  const { rows } = await pool.query(`SELECT FROM "${schema}".checkpoints WHERE thread_id = $1 LIMIT 1`, [
    thread,
  ]);
  return rows.length > 0;
}

process.exitCode = await main().catch((error: unknown) => {
  if (!isStartUpError(error)) {
    complain(isPersistenceError(error) ? error.message : inspect(error));
    return 1;
  }
  complain(error.message);
  return 2;
});
