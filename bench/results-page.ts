/** docs/results.md and its figures, written from what bench/results holds. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "./child.ts";
import { type Environment, inWords } from "./environment.ts";
import type { Section } from "./section.ts";

interface Stored {
  readonly environment: Environment;
  readonly figures: unknown;
}

const fileOf = (name: string): string => join(root, "bench/results", `${name}.json`);

export async function store(name: string, stored: Stored): Promise<void> {
  await mkdir(join(root, "bench/results"), { recursive: true });
  await writeFile(fileOf(name), `${JSON.stringify(stored, null, 2)}\n`);
}

/** @param sections - In the order of the page. */
export async function writePage(sections: readonly Section<unknown>[]): Promise<void> {
  const parts: string[] = [];
  for (const section of sections) {
    const stored = await load(section.name);
    parts.push(`## ${section.heading}`);
    if (stored === undefined) {
      parts.push("Not measured.");
      continue;
    }
    const measuredOn = inWords(stored.environment);
    const charts = section.charts?.(stored.figures, measuredOn) ?? {};
    await mkdir(join(root, "docs/figures"), { recursive: true });
    for (const [name, svg] of Object.entries(charts)) await writeFile(join(root, "docs/figures", name), svg);
    parts.push(`Measured on ${measuredOn}.`, section.render(stored.figures));
  }
  const page = `# Results

Written by \`npm run bench\`, never by hand; \`npm run bench -- persistence\` measures that part alone and keeps the others.
All figures on this page are this project's own.

${parts.join("\n\n")}
`;
  await writeFile(join(root, "docs/results.md"), page);
}

async function load(name: string): Promise<Stored | undefined> {
  const text = await readFile(fileOf(name), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as Stored);
}
