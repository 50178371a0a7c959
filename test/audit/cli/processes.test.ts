/** The command as a process: what it prints, and the code that a build would go by. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { startSource } from "../../support/child-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const file = "test/audit/cli/graphs.ts";

async function audit(args: string[], env: Record<string, string> = {}) {
  const child = startSource("src/audit/cli/main.ts", args, env);
  return { code: await child.ended, output: child.output() };
}

test("no findings: the project's own graphs end with 0", async () => {
  expect(await audit([], { NO_COLOR: "1" })).toEqual({ code: 0, output: "No findings in 2 graphs.\n" });
});

test("findings end with 1, and a file's timer does not keep the process alive", async () => {
  const { code, output } = await audit([`${file}:bare`, `${file}:sound`], { NO_COLOR: "1" });
  expect({ code, output }).toEqual({
    code: 1,
    output: [
      "bare",
      "  work",
      "    no-route",
      "      An error that is left when the retries are spent ends the run: invoke rejects, and no node of the graph gets to deal with it.",
      "      mend: Give the node an errorHandler that answers with Command({ goto }), or the graph one by setNodeDefaults.",
      "    no-retry",
      "      allowed: it only counts",
      "",
      "1 finding in 2 graphs, 1 allowed.",
      "",
    ].join("\n"),
  });
});

test("bad input ends with 2 and one line", async () => {
  expect(await audit(["gone.ts:graph"], { NO_COLOR: "1" })).toEqual({
    code: 2,
    output: `There is no file ${process.cwd()}/gone.ts: correct the path in gone.ts:graph\n`,
  });
});

test.each([
  [
    "ends the process",
    "process.exit(0);",
    "ends the process when it is loaded: take the process.exit out of",
  ],
  [
    "ends it when called",
    "export const graph = () => process.exit(1);",
    "ends the process when it is loaded",
  ],
  [
    "throws in a timer",
    "setTimeout(() => { throw new Error('late'); }, 0); await new Promise((go) => setTimeout(go, 500));",
    "throws while it is loaded, mend its file first: Error: late\n",
  ],
  [
    "leaves a promise alone",
    "export const graph = { nodes: {}, edges: new Set() }; Promise.reject(new Error('no database'));",
    "throws while it is loaded, mend its file first: Error: no database\n",
  ],
  [
    "throws when its export is read",
    "export const graph = { get graph() { throw new Error('not yet'); } };",
    "throws when it is read, mend it first: Error: not yet\n",
  ],
])("a file that %s ends with 2 and one line, never as if nothing was found", async (_, source, message) => {
  const written = `${join(await temporaryFolder(), "graph.mjs")}:graph`;
  await writeFile(written.replace(/:graph$/, ""), source);
  const { code, output } = await audit([written], { NO_COLOR: "1" });
  expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining(`${written} ${message}`) });
  expect(output).toMatch(/^[^\n]+\n$/);
});

test("colour comes when it is asked for, and changes no word; the module's clients are audited too", async () => {
  const env = { WITH_SPARE: "1" };
  const [plain, coloured] = await Promise.all([
    audit([`${file}:sound`], { ...env, NO_COLOR: "1" }),
    audit([`${file}:sound`], { ...env, NO_COLOR: "", FORCE_COLOR: "1" }),
  ]);
  expect(plain.output).toContain("export spare\n    client-retries: ChatOpenAI with maxRetries 6\n");
  expect(coloured.output).toContain("\u001b[");
  expect(stripVTControlCharacters(coloured.output)).toBe(plain.output);
});
