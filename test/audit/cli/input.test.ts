/** What is wrong with a command line is one line that says what, where, and how to mend it. */
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadGraph } from "#src/audit/cli/load.ts";
import { InputError, targetsFrom } from "#src/audit/cli/targets.ts";
import { root } from "../../docs/sources.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { sound } from "./graphs.ts";

const file = fileURLToPath(new URL("graphs.ts", import.meta.url));

function problem(argv: string[], folder: string): string {
  try {
    targetsFrom(argv, folder);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "none";
}

const loaded = (exported: string, patienceMs?: number) => {
  const [target] = targetsFrom([`${relative(root, file)}:${exported}`], root);
  if (target === undefined) throw new Error("no target");
  return loadGraph(target, patienceMs);
};

test.each([
  [["--quiet"], "There is no flag --quiet: write npm run audit -- path/to/graph.ts:exportName"],
  [["graph.ts"], "graph.ts names no export: write it as path/to/graph.ts:exportName"],
  [["graph.ts:"], "graph.ts: names no export: write it as path/to/graph.ts:exportName"],
  [["gone.ts:graph"], "There is no file /nowhere/gone.ts: correct the path in gone.ts:graph"],
  [
    [],
    "/nowhere/langgraph.json is not there: run this where it stands, or name a graph, path/to/graph.ts:exportName",
  ],
])("refused: %j", (argv, message) => {
  expect(problem(argv, "/nowhere")).toBe(message);
});

test.each([
  ["{", /langgraph\.json is no JSON: mend it \(.+\)$/],
  ["null", /langgraph\.json lists no graphs: give it "graphs": \{ "name": ".+" \}$/],
  ['{"graphs":{}}', /lists no graphs/],
  ['{"graphs":{"desk":{"description":"no path"}}}', /has no path for the graph "desk": write ".+"$/],
  ['{"graphs":{"desk":"./graph.ts"}}', /\.\/graph\.ts names no export/],
])("a broken langgraph.json is named with what is wrong in it: %s", async (content, message) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "langgraph.json"), content);
  expect(problem([], folder)).toMatch(message);
  expect(problem([], folder)).not.toContain("\n");
});

test("langgraph.json's graphs are found by name, written either way", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "g.ts"), "");
  await writeFile(
    join(folder, "langgraph.json"),
    JSON.stringify({ graphs: { one: "./g.ts:a", two: { path: "./g.ts:b" } } }),
  );
  expect(targetsFrom([], folder)).toEqual([
    { name: "one", written: "./g.ts:a", file: join(folder, "g.ts"), exported: "a" },
    { name: "two", written: "./g.ts:b", file: join(folder, "g.ts"), exported: "b" },
  ]);
});

test.each([
  ["gone", /:gone: the file has no export gone, it has .*\bsound\b/],
  ["five", /:five is no graph: name a StateGraph, /],
  ["broken", /:broken throws when it is called, mend it first: Error: no key set OPENAI_API_KEY$/],
])("what is no graph is refused: %s", async (exported, message) => {
  await expect(loaded(exported)).rejects.toThrow(message);
});

test("a file that cannot be imported is named with its own error, in one line", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "broken.mjs"), "throw new Error('no key\\nset one');");
  const [target] = targetsFrom(["broken.mjs:graph"], folder);
  await expect(target && loadGraph(target)).rejects.toThrow(
    "broken.mjs:graph cannot be loaded, mend its file first: Error: no key set one",
  );
});

test("a function that never answers does not keep the audit waiting for ever", async () => {
  await expect(loaded("never", 10)).rejects.toThrow(/:never is not there after 10 ms: look for what /);
});

test.each(["sound", "factory", "agent"])(
  "a graph is loaded whether it is one, is made or is wrapped: %s",
  async (exported) => {
    const { graph, options } = await loaded(exported);
    expect(graph).toBe(sound);
    expect(options).toMatchObject({ name: exported, source: readFileSync(file, "utf8") });
  },
);
