/** What only the graph's file shows: the clients that it exports, and what it runs the graph with. */
import type { AuditOptions } from "../audit.ts";
import type { Found } from "../finding.ts";
import { type GraphView, isGraph } from "../graph-view.ts";
import { dataProperty } from "../kinds.ts";
import { callsOf, cut, readSource, type SourceText } from "../source-text.ts";
import { retryingClient } from "./clients.ts";
import { hasEffects, oneAtATime } from "./config.ts";

export function moduleFindings(
  view: GraphView,
  graph: object,
  { exports = {}, source = "" }: AuditOptions,
): Found[] {
  const known = new Set<unknown>([...view.nodes.values()].flatMap(({ reach }) => [...reach.objects]));
  const found = Object.entries(exports).flatMap(([name, value]): Found[] => {
    if (typeof value !== "object" || value === null || known.has(value)) return [];
    const seen = retryingClient(value);
    return seen.map((client) => ({ node: `export ${name}`, trap: "client-retries", seen: client }));
  });
  const text = readSource(source);
  const node = "its file";
  const names = Object.keys(exports).filter((name) => isGraph(exports[name]));
  const runs = names.flatMap((name) =>
    callsOf(text, new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}\\.(?:invoke|stream)`)).map(
      ({ args }) => cut(text, args),
    ),
  );
  if (runs.some(oneAtATime)) found.push({ node, trap: "max-concurrency-one", seen: "maxConcurrency: 1" });
  const durability = otherDurability(text) ?? (isSavedLate(view, graph, text) ? byDefault(runs) : undefined);
  if (durability !== undefined && hasEffects(view))
    found.push({ node, trap: "durability-not-sync", seen: durability });
  return found;
}

const otherDurability = ({ code, shape }: SourceText): string | undefined =>
  [...code.matchAll(/\bdurability\s*:\s*["'](?:async|exit)["']/g)]
    // A prompt may say so too.
    .find(({ index }) => shape.startsWith("durability", index))?.[0];

/** LangGraph's default is async. */
const byDefault = (runs: readonly SourceText[]): string | undefined =>
  runs.length > 0 ? "a run with none, which is async" : undefined;

/** True for a graph that is saved at all, where neither it nor its file says a durability. */
function isSavedLate({ config }: GraphView, graph: object, { shape }: SourceText): boolean {
  const saver = dataProperty(graph, "checkpointer");
  const says = config.durability !== undefined || config.checkpointDuring !== undefined;
  return typeof saver === "object" && saver !== null && !says && !/\bdurability\b/.test(shape);
}
