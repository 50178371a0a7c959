/** Which graphs a command line asks for: those of langgraph.json, or files of one's own. What is wrong is one line. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

export interface Target {
  /** What the findings call the graph. */
  readonly name: string;
  /** As it was written, for messages. */
  readonly written: string;
  /** Absolute. */
  readonly file: string;
  readonly exported: string;
}

/** Bad input. The message says what, where, and how to mend it. */
export class InputError extends Error {
  override readonly name = "InputError";
}

/**
 * @param argv - Each `path/to/graph.ts:exportName`; none: every graph of langgraph.json.
 * @param folder - Where paths begin.
 * @throws InputError
 */
export function targetsFrom(argv: readonly string[], folder: string): Target[] {
  const flag = argv.find((word) => word.startsWith("-"));
  if (flag !== undefined)
    throw new InputError(`There is no flag ${flag}: write npm run audit -- path/to/graph.ts:exportName`);
  if (argv.length > 0) return argv.map((written) => targetOf(written, folder));
  return Object.entries(graphsIn(folder)).map(([name, written]) => ({ ...targetOf(written, folder), name }));
}

function targetOf(written: string, folder: string): Target {
  // The last colon, since a path of Windows' has one of its own.
  const [, path, exported] = /^(.+):([\w$]+)$/.exec(written) ?? [];
  if (path === undefined || exported === undefined)
    throw new InputError(`${written} names no export: write it as path/to/graph.ts:exportName`);
  const file = resolve(folder, path);
  if (!existsSync(file)) throw new InputError(`There is no file ${file}: correct the path in ${written}`);
  return { name: exported, written, file, exported };
}

/** Paths by the graphs' names. */
function graphsIn(folder: string): Record<string, string> {
  const file = resolve(folder, "langgraph.json");
  const say = (problem: string) => new InputError(`${file} ${problem}`);
  if (!existsSync(file))
    throw say("is not there: run this where it stands, or name a graph, path/to/graph.ts:exportName");
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw say(`is no JSON: mend it (${(error as Error).message})`);
  }
  const { graphs } = (content ?? {}) as { graphs?: unknown };
  if (typeof graphs !== "object" || graphs === null || Object.keys(graphs).length === 0)
    throw say('lists no graphs: give it "graphs": { "name": "./path/to/graph.ts:exportName" }');
  return Object.fromEntries(
    Object.entries(graphs).map(([name, graph]: [string, unknown]) => {
      const path: unknown =
        typeof graph === "object" && graph !== null && "path" in graph ? graph.path : graph;
      if (typeof path === "string") return [name, path];
      throw say(`has no path for the graph "${name}": write "./path/to/graph.ts:exportName"`);
    }),
  );
}
