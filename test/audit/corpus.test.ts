/** Each trap in a small graph: it is found there and nothing else is, and nothing is found once it is mended. */
import { execFile } from "node:child_process";
import { cp, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { traps } from "#src/audit/index.ts";
import { root } from "../docs/sources.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
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

test.each([
  ["as it has for npm run audit", "module"],
  ["to CommonJS, as it has where a package.json does not say module", "commonjs"],
])("nothing escapes where tsx has rewritten the sources, %s", async (_, type) => {
  const folder = await temporaryFolder();
  for (const part of ["src", "test/audit", "test/traps"])
    await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ type, imports: { "#src/*": "./src/*" } }));
  const script = join(folder, "test/audit/processes/audit-corpus.ts");
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script], { cwd: root });
  expect(JSON.parse(stdout)).toEqual(
    pairs.map(({ fails, at, trap }) => ({ fails, trapped: [`${at}: ${trap}`], mended: [] })),
  );
});
