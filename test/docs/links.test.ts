import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { inlineCode, linkedFiles, pages, programs, root } from "./sources.ts";

/** Files of the agent that docs/fork.md writes. */
const example = "graphs/my-agent/";
const ownPath = /(?<![\w./#@-])(?:src|checkpoints|graphs|test|bench|docs)\/[\w./-]*[\w/]/g;

test("no page links to a file that is not there", async () => {
  const dead = (await pages()).flatMap((page) =>
    linkedFiles(page)
      .filter((target) => !existsSync(join(root, target)))
      .map((target) => `${page.path} → ${target}`),
  );
  expect(dead).toEqual([]);
});

test("no page names a file of the project that is not there", async () => {
  const dead = (await pages()).flatMap((page) =>
    inlineCode(page)
      .flatMap((code) => code.match(ownPath) ?? [])
      .filter((path) => !path.startsWith(example) && !existsSync(join(root, path)))
      .map((path) => `${page.path}: ${path}`),
  );
  expect(dead).toEqual([]);
});

test("no comment in the code names a file of the project that is not there", async () => {
  const dead: string[] = [];
  for (const { path, text } of await programs()) {
    const comments = text.split("\n").filter((line) => /^\s*(\*|\/\/|\/\*)/.test(line));
    for (const named of comments.join("\n").match(ownPath) ?? []) {
      if (!(named.startsWith(example) || (await isThere(named)))) dead.push(`${path}: ${named}`);
    }
  }
  expect(dead).toEqual([]);
});

/** A decision may be named by its number alone: docs/adr/0001. */
async function isThere(path: string): Promise<boolean> {
  if (existsSync(join(root, path))) return true;
  if (dirname(path) !== "docs/adr") return false;
  const decisions = await readdir(join(root, "docs/adr"));
  return decisions.some((name) => name.startsWith(`${basename(path)}-`));
}
