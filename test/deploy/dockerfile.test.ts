/**
 * The image that `langgraphjs dockerfile` describes, built without a Docker engine: its own steps, run on a copy of
 * the tree as .dockerignore leaves it; then every graph is loaded from there, as the server in the image loads it.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CopiedTree, copiedTree, root } from "./copied-tree.ts";

const run = promisify(execFile);
let tree: CopiedTree;
let dockerfile: string;

beforeAll(async () => {
  tree = await copiedTree({ linkModules: false });
  const written = join(tree.folder, "Dockerfile.written");
  await run(join(root, "node_modules/.bin/langgraphjs"), ["dockerfile", written], { cwd: tree.folder });
  dockerfile = await readFile(written, "utf8");
}, 60_000);

afterAll(() => tree.remove());

const steps = (instruction: string) =>
  dockerfile
    .split("\n")
    .flatMap((line) => (line.startsWith(`${instruction} `) ? [line.slice(instruction.length + 1)] : []));

test("the image is for a Node that the project supports, and gets the tree without keys, data and tests", async () => {
  expect(steps("FROM")).toEqual(["langchain/langgraphjs-api:20"]);
  expect(steps("ADD")).toEqual([expect.stringMatching(/^\. \/deps\//)]);
  await expect(readFile(join(tree.folder, ".env"))).rejects.toMatchObject({ code: "ENOENT" });
  await expect(readFile(join(tree.folder, "test/support/setup.ts"))).rejects.toMatchObject({
    code: "ENOENT",
  });
});

test("its build steps succeed on that tree, and every graph loads from it", {
  timeout: 300_000,
}, async () => {
  const builds = steps("RUN");
  expect(builds[0]).toBe("npm ci");
  for (const step of builds) {
    // The image's own files under /api are not here; the step says so itself and goes on.
    await run("/bin/sh", ["-c", step], { cwd: tree.folder, maxBuffer: 2 ** 26 });
  }
  const [assignment] = steps("ENV").filter((line) => line.startsWith("LANGSERVE_GRAPHS="));
  const graphs = JSON.parse(
    (assignment ?? "").slice("LANGSERVE_GRAPHS=".length).replace(/^'|'$/g, ""),
  ) as Record<string, string | { path: string }>;
  expect(Object.keys(graphs)).toEqual(["order-desk", "hanoi"]);
  for (const entry of Object.values(graphs)) {
    const [file, name] = (typeof entry === "string" ? entry : entry.path).split(":");
    const load = `const { ${name} } = await import(${JSON.stringify(file)}); console.log(Object.keys(${name}.nodes).length > 2);`;
    const { stdout } = await run(process.execPath, ["--import", "tsx", "--input-type=module", "-e", load], {
      cwd: tree.folder,
    });
    expect(stdout.trim()).toBe("true");
  }
});
