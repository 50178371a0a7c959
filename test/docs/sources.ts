/** The texts under test: every Markdown page of the project, every TypeScript file, and the examples in them. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(new URL("../..", import.meta.url)));

export interface Source {
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block and where it stands, such as `docs/fork.md:31`. */
export interface Example {
  readonly at: string;
  readonly code: string;
}

const folders = ["src", "checkpoints", "graphs", "test", "bench", "docs"];

async function sources(ending: string): Promise<Source[]> {
  const atRoot = await readdir(root, { withFileTypes: true });
  const below = await Promise.all(
    folders.map((folder) => readdir(join(root, folder), { withFileTypes: true, recursive: true })),
  );
  const files = [...atRoot, ...below.flat()].filter(
    // bench/peers may have packages of its own installed.
    (entry) => entry.isFile() && entry.name.endsWith(ending) && !entry.parentPath.includes("node_modules"),
  );
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const file = join(parentPath, name);
      return { path: relative(root, file), text: await readFile(file, "utf8") };
    }),
  );
}

export const pages = () => sources(".md");
export const programs = () => sources(".ts");

/** The fenced blocks of a page in one language. */
export function examplesIn({ path, text }: Source, language: "ts" | "json"): Example[] {
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)]
    .filter(([, , found]) => found === language)
    .map(({ index, 3: code = "" }) => ({ at: `${path}:${lineAt(text, index)}`, code }));
}

/** The `@example` blocks in a program's comments. */
export function docExamplesIn({ path, text }: Source): Example[] {
  return [...text.matchAll(/@example[^\n]*\n\s*\* ```ts\n([\s\S]*?)\n\s*\* ```/g)].map(
    ({ index, 1: code = "" }) => ({
      at: `${path}:${lineAt(text, index)}`,
      code: code.replaceAll(/^\s*\* ?/gm, ""),
    }),
  );
}

/** What stands between single backticks, outside fences. */
export function inlineCode({ text }: Source): string[] {
  const prose = text.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** Targets of links to files of the project, from its root. */
export function linkedFiles({ path, text }: Source): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target.replace(/#.*$/, ""))
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target))
    .map((target) => relative(root, resolve(root, dirname(path), target)));
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
