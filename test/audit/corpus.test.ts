/** Each trap in a small graph: it is found there and nothing else is, and nothing is found once it is mended. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { auditGraph, traps } from "#src/audit/index.ts";
import type { Pair, Runnable } from "./pair.ts";

const folder = new URL("corpus/", import.meta.url);
const pairs = await Promise.all(
  readdirSync(folder)
    .sort()
    .map(async (file) => ((await import(new URL(file, folder).href)) as { pair: Pair }).pair),
);

const open = (graph: object) => auditGraph(graph).filter(({ allowed }) => allowed === undefined);

test.each(pairs)("found before it happens: $fails", async ({ trap, at, trapped, mended, run }) => {
  const found = open(trapped([])).map(({ graph, node, trap }) => ({ at: `${graph}: ${node}`, trap }));
  expect(found).toEqual([{ at, trap }]);
  expect(open(mended([]))).toEqual([]);
  if (run === undefined) return;
  for (const [graph, expected] of [
    [trapped, run.trapped],
    [mended, run.mended],
  ] as const) {
    const log: string[] = [];
    expect(await run.by(graph(log) as Runnable, log)).toEqual(expected);
  }
});

test("no trap is without a graph that shows it", () => {
  expect([...new Set(pairs.map(({ trap }) => trap))].sort()).toEqual(Object.keys(traps).sort());
});
