/** The corpus, and what the audit says of a graph in it. */
import { readdirSync } from "node:fs";
import { auditGraph } from "#src/audit/index.ts";
import type { Pair } from "./pair.ts";

const folder = new URL("corpus/", import.meta.url);

export function corpus(): Promise<Pair[]> {
  const files = readdirSync(folder).sort();
  return Promise.all(
    files.map(async (file) => ((await import(new URL(file, folder).href)) as { pair: Pair }).pair),
  );
}

/** Such as "graph/inside: work: no-route". What a graph allows is left out. */
export function openFindings(graph: object): string[] {
  return auditGraph(graph)
    .filter(({ allowed }) => allowed === undefined)
    .map(({ graph, node, trap }) => `${graph}: ${node}: ${trap}`);
}
