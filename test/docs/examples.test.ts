import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { runSql } from "../support/database.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import * as given from "./given.ts";
import { docExamplesIn, type Example, examplesIn, pages, programs, root } from "./sources.ts";

/** Inside the project, so that `#src/…` is found, in a folder that git, biome and tsc leave alone. */
let folder: string;

/** An example that begins with the name of its file is that file, whole. Any other is a part. */
const fileOf = ({ code }: Example) => /^\/\/ (\S+\.ts)\n/.exec(code)?.[1];

beforeAll(async () => {
  await mkdir(join(root, ".data"), { recursive: true });
  folder = await mkdtemp(join(root, ".data/examples-"));
  const onPages = (await pages()).flatMap((page) => examplesIn(page, "ts"));
  const inComments = (await programs())
    .filter(({ path }) => !path.startsWith("test/docs/"))
    .flatMap(docExamplesIn);
  // So many there are; fewer found means that the search is broken.
  expect(onPages.length).toBeGreaterThan(7);
  expect(inComments.length).toBeGreaterThan(0);
  for (const example of [...onPages, ...inComments]) {
    const file = fileOf(example);
    if (file !== undefined) await put(file, example.code);
    else await put(`parts/${example.at.replaceAll(/[/:]/g, "_")}.ts`, withImports(example));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

function withImports({ code }: Example): string {
  const names = Object.keys(given).filter(
    (name) => code.match(`\\b${name}\\b`) && !code.match(`(const|function|import .*)\\b${name}\\b`),
  );
  return `import { ${names.join(", ")} } from "#test/given";\n${code}\nexport {};\n`;
}

function output(program: string, args: string[], options: object): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, options, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
  });
}

test("no example has other types than the code", { timeout: 120_000 }, async () => {
  const compilerOptions = {
    // What an example declares for its reader need not be used in it.
    noUnusedLocals: false,
    paths: { "#test/given": [join(root, "test/docs/given.ts")] },
  };
  const config = { extends: join(root, "tsconfig.json"), include: ["."], compilerOptions };
  await put("tsconfig.json", JSON.stringify(config));
  expect(await output(join(root, "node_modules/.bin/tsc"), ["-p", folder], { cwd: folder })).toBe("");
});

test("the agent of docs/fork.md asks, and another process carries the answer out once", {
  timeout: 120_000,
}, async () => {
  const cwd = await temporaryFolder();
  const env = { ...process.env, DATABASE_URL: await ownDatabase() };
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  const agent = (...words: string[]) =>
    output(process.execPath, ["--import", tsx, join(folder, "graphs/my-agent/run.ts"), ...words], {
      cwd,
      env,
    });

  expect(await agent("first")).toBe("waiting for an answer\n");
  const charged = await agent("first", "30, please");
  expect(charged).toMatch(/^30 charged under first\|pay:.*\|charge\|1\n$/);
  expect(await agent("first", "30, please")).toBe(charged);
});

test("the langgraph.json of docs/fork.md lists the graph that the page writes", async () => {
  const page = (await pages()).filter(({ path }) => path === "docs/fork.md");
  const [config] = page.flatMap((source) => examplesIn(source, "json"));
  const { graphs } = JSON.parse(config?.code ?? "") as { graphs: Record<string, { path: string }> };
  const [file = "", name] = graphs["my-agent"]?.path.split(":") ?? [];
  expect(await readFile(join(folder, file), "utf8")).toContain(`export const ${name} = `);
});

/** On the run's Postgres; without one the agent opens an embedded database where it is started. */
async function ownDatabase(): Promise<string> {
  const url = inject("postgresUrl");
  if (url === null) return "";
  const name = `fork_${randomBytes(6).toString("hex")}`;
  await runSql(url, `CREATE DATABASE ${name}`);
  onTestFinished(() => runSql(url, `DROP DATABASE ${name} WITH (FORCE)`));
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}
