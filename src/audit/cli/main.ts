/** `npm run audit`: audits the graphs that the command line names, or those of langgraph.json. */
import { existsSync, writeSync } from "node:fs";
import { inspect } from "node:util";
import { auditGraph } from "../audit.ts";
import type { Finding } from "../finding.ts";
import { reportLines } from "./lines.ts";
import { loadGraph, oneLine } from "./load.ts";
import { InputError, targetsFrom } from "./targets.ts";

const help = `npm run audit                                    every graph of langgraph.json
npm run audit -- path/to/graph.ts:exportName     a graph of your own, one or several

Exit code 0: no findings, 1: findings, 2: something is wrong with what was asked. docs/audit.md lists the traps.
`;

/** What is being loaded, for messages. */
let loading = "The audit";
let ended = false;

interface End {
  readonly code: 0 | 1 | 2;
  readonly out?: string;
  readonly err?: string;
}

async function main(argv: readonly string[]): Promise<End> {
  if (argv.includes("--help") || argv.includes("-h")) return { code: 0, out: help };
  // A graph may want its keys when it is imported.
  if (existsSync(".env")) process.loadEnvFile(".env");
  const targets = targetsFrom(argv, process.cwd());
  const findings: Finding[] = [];
  for (const target of targets) {
    loading = target.written;
    const { graph, options } = await loadGraph(target);
    // Node says on the next turn which promises nobody waits for.
    await new Promise(setImmediate);
    findings.push(...auditGraph(graph, options));
  }
  const open = findings.some(({ allowed }) => allowed === undefined);
  return { code: open ? 1 : 0, out: `${reportLines(findings, targets.length).join("\n")}\n` };
}

/** What a graph opened when it was imported must not keep this process alive, nor cut its report short. */
function end({ code, out = "", err = "" }: End): void {
  if (ended) return;
  ended = true;
  process.stderr.write(err, () => process.stdout.write(out, () => process.exit(code)));
}

/** A file may end the process that imports it, with 0 too. */
function endedEarly(): void {
  if (ended) return;
  process.exitCode = 2;
  writeSync(2, `${loading} ends the process when it is loaded: take the process.exit out of its file\n`);
}

/** What a timer or a promise of the file throws, which no catch around its import sees. */
function strayed(error: unknown): void {
  end({ code: 2, err: `${loading} throws while it is loaded, mend its file first: ${oneLine(error)}\n` });
}

process.on("exit", endedEarly);
process.on("uncaughtException", strayed);
process.on("unhandledRejection", strayed);
end(
  await main(process.argv.slice(2)).catch((error: unknown): End => {
    const err = error instanceof InputError ? error.message : inspect(error);
    return { code: 2, err: `${err}\n` };
  }),
);
