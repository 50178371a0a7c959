import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readCommand } from "#checkpoints/cli/flags.ts";
import { readCommand as readTower } from "#graphs/hanoi/cli/flags.ts";
import { readCommandLine } from "#graphs/order-desk/cli/flags.ts";
import { targetsFrom } from "#src/audit/cli/targets.ts";
import { readFlags } from "#src/consensus/cli/flags.ts";
import { inlineCode, pages, root } from "./sources.ts";

const run = promisify(execFile);
const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

const readers: Record<string, (argv: readonly string[]) => unknown> = {
  start: readCommandLine,
  checkpoints: readCommand,
  hanoi: readTower,
  reliability: readFlags,
  audit: (argv) => targetsFrom(argv, root),
};

/** What a line says after its command: a comment, or a column of its own. */
const explained = /\s(#\s|\s).*$/;
const optional = /\[[^\]]*\]/g;

/** Every npm and npx command of every page, as words. */
async function commands(): Promise<{ at: string; words: string[] }[]> {
  return (await pages()).flatMap((page) => {
    const lines = page.text.split("\n").map((line) => line.trim().replace(/^\$ /, ""));
    return [...lines, ...inlineCode(page)]
      .filter((line) => /^(npm|npx) /.test(line))
      .flatMap((line) => line.replace(explained, "").replaceAll(optional, "").split("&&"))
      .map((command) => ({ at: `${page.path}: ${command.trim()}`, words: shellWords(command) }));
  });
}

function shellWords(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}

/** What is wrong with a command, or undefined. */
async function problem([program, verb = "", ...rest]: string[]): Promise<string | undefined> {
  if (program === "npx") {
    if (!existsSync(join(root, "node_modules/.bin", verb))) return `no program ${verb} is installed`;
    return verb === "langgraphjs" ? unknownToLanggraph(rest) : undefined;
  }
  if (verb === "ci") return undefined;
  const [script = "", ...args] = verb === "run" ? rest : [verb, ...rest];
  if (scripts[script] === undefined) return `package.json has no script ${script}`;
  const given = args[0] === "--" ? args.slice(1) : [];
  const read = readers[script];
  if (read !== undefined) {
    try {
      read(given);
    } catch (error) {
      return String(error);
    }
  }
  return script === "dev" ? unknownToLanggraph(["dev", ...given]) : undefined;
}

async function unknownToLanggraph([command = "", ...args]: string[]): Promise<string | undefined> {
  const { stdout } = await run(join(root, "node_modules/.bin/langgraphjs"), [command, "--help"]);
  if (!stdout.includes(`langgraphjs ${command}`)) return `langgraphjs has no command ${command}`;
  const unknown = args.find((arg) => arg.startsWith("-") && !stdout.includes(arg));
  return unknown === undefined ? undefined : `langgraphjs ${command} has no flag ${unknown}`;
}

test("every command that a page tells people to type has its script, program and flags", async () => {
  const found = await commands();
  expect(found.length).toBeGreaterThan(10);
  const wrong: string[] = [];
  for (const { at, words } of found) {
    const why = await problem(words);
    if (why !== undefined) wrong.push(`${at}: ${why}`);
  }
  expect(wrong).toEqual([]);
});
