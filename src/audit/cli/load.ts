/** Loads a graph as the LangGraph servers do: a file's export, or what the function that it is returns. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { AuditOptions } from "../audit.ts";
import { isGraph } from "../graph-view.ts";
import { InputError, type Target } from "./targets.ts";

export interface LoadedGraph {
  readonly graph: object;
  readonly options: AuditOptions;
}

/**
 * @param patienceMs - How long importing and calling may take. Default 30 s, as the LangGraph servers have it.
 * @throws InputError
 */
export async function loadGraph(target: Target, patienceMs = 30_000): Promise<LoadedGraph> {
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<never>((_, reject) => {
    const why = `${target.written} is not there after ${patienceMs} ms: look for what its file or function waits for`;
    timer = setTimeout(() => reject(new InputError(why)), patienceMs);
  });
  try {
    return await Promise.race([load(target), impatience]);
  } finally {
    clearTimeout(timer);
  }
}

async function load(target: Target): Promise<LoadedGraph> {
  const { name, written, file, exported } = target;
  let exports: Record<string, unknown>;
  try {
    exports = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw new InputError(`${written} cannot be loaded, mend its file first: ${oneLine(error)}`);
  }
  if (!(exported in exports)) {
    const has = Object.keys(exports).join(", ") || "nothing";
    throw new InputError(`${written}: the file has no export ${exported}, it has ${has}`);
  }
  const graph = await built(exports[exported], written);
  if (graph === undefined)
    throw new InputError(
      `${written} is no graph: name a StateGraph, what its compile() returns, or a function that returns one`,
    );
  return { graph, options: { name, exports, source: readFileSync(file, "utf8") } };
}

/** A graph factory gets an empty config, which is what a server gives it before a run. */
async function built(value: unknown, written: string): Promise<object | undefined> {
  try {
    if (typeof value !== "function") return graphOf(await value);
    return graphOf(await (value as (config: object) => unknown)({ configurable: {} }));
  } catch (error) {
    const how = typeof value === "function" ? "called" : "read";
    throw new InputError(`${written} throws when it is ${how}, mend it first: ${oneLine(error)}`);
  }
}

/** LangChain's createAgent wraps its graph. */
function graphOf(value: unknown): object | undefined {
  const inner = typeof value === "object" && value !== null && "graph" in value ? value.graph : undefined;
  return [inner, value].find(isGraph);
}

export const oneLine = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).replaceAll(/\s+/g, " ");
