/**
 * `npm run bench [-- section … --full]`: measures, and writes docs/results.md. Not a test: machines are noisy, so
 * figures are compared side by side within one run, and nothing fails for being slow.
 */
import { parseArgs } from "node:util";
import { correlated } from "./correlated/correlated.ts";
import { corruption } from "./corruption/corruption.ts";
import { environment } from "./environment.ts";
import { hanoiSection } from "./hanoi/hanoi.ts";
import { thunderingHerd } from "./herd/herd.ts";
import { isolation } from "./isolation/isolation.ts";
import { persistence } from "./persistence/persistence.ts";
import { store, writePage } from "./results-page.ts";
import type { Section } from "./section.ts";
import { start } from "./start/start.ts";
import { tickets } from "./tickets/tickets.ts";

const sections: readonly Section<unknown>[] = [
  start,
  tickets,
  persistence,
  isolation,
  thunderingHerd,
  hanoiSection,
  correlated,
  corruption,
];

const { values, positionals } = parseArgs({
  options: { full: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !sections.some((section) => section.name === name));
if (unknown.length > 0) {
  throw new RangeError(
    `No section ${unknown.join(", ")}; there are ${sections.map(({ name }) => name).join(", ")}`,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const section of sections) {
  if (positionals.length > 0 && !positionals.includes(section.name)) continue;
  // Before it is measured: the tree may change meanwhile.
  const on = await environment();
  const figures = await section.measure(say, values);
  if (figures === undefined) say(`${section.name} is not measured; older figures stay`);
  else await store(section.name, { environment: on, figures });
}
await writePage(sections);
say("written to docs/results.md");
