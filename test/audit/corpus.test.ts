/** Each trap in a small graph: it is found there and nothing else is, and nothing is found once it is mended. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { traps } from "#src/audit/index.ts";
import { corpus, openFindings } from "./corpus.ts";
import type { Runnable } from "./pair.ts";

const pairs = await corpus();

test.each(pairs)("found before it happens: $fails", async ({ trap, at, trapped, mended, run }) => {
  expect(openFindings(trapped([]))).toEqual([`${at}: ${trap}`]);
  expect(openFindings(mended([]))).toEqual([]);
  if (run === undefined) return;
  for (const [graph, expected] of [
    [trapped, run.trapped],
    [mended, run.mended],
  ] as const) {
    const log: string[] = [];
    expect(await run.by(graph(log) as Runnable, log, onTestFinished)).toEqual(expected);
  }
});

test("no trap is without a graph that shows it", () => {
  expect([...new Set(pairs.map(({ trap }) => trap))].sort()).toEqual(Object.keys(traps).sort());
});

test("nothing escapes where tsx has rewritten the sources, as it has for npm run audit", async () => {
  const script = fileURLToPath(new URL("processes/audit-corpus.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script]);
  expect(JSON.parse(stdout)).toEqual(
    pairs.map(({ fails, at, trap }) => ({ fails, trapped: [`${at}: ${trap}`], mended: [] })),
  );
});
