/** What the audit prints: findings by graph and node, in plain words, and a last line with their number. */
import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";
import type { Finding } from "../finding.ts";

/** @param graphs - How many were looked at, their subgraphs not counted. */
export function reportLines(findings: readonly Finding[], graphs: number): string[] {
  const open = findings.filter(({ allowed }) => allowed === undefined).length;
  const allowed = findings.length - open;
  const total = `${counted(open, "finding")} in ${counted(graphs, "graph")}${allowed > 0 ? `, ${allowed} allowed` : ""}.`;
  return [
    ...grouped(findings, ({ graph }) => graph).flatMap(([graph, here]) => [
      pc.bold(shown(graph)),
      ...grouped(here, ({ node }) => node).flatMap(([node, these]) => [
        `  ${shown(node)}`,
        ...these.flatMap(findingLines),
      ]),
      "",
    ]),
    open === 0 ? pc.green(total) : pc.red(total),
  ];
}

function findingLines({ trap, seen, why, mend, allowed }: Finding): string[] {
  const what = seen === undefined ? "" : `: ${shown(seen)}`;
  if (allowed !== undefined) return [`    ${pc.dim(`${trap}${what}`)}`, `      allowed: ${shown(allowed)}`];
  return [`    ${pc.yellow(trap)}${what}`, `      ${why}`, `      ${pc.dim("mend:")} ${mend}`];
}

function grouped(findings: readonly Finding[], by: (finding: Finding) => string): [string, Finding[]][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) groups.set(by(finding), [...(groups.get(by(finding)) ?? []), finding]);
  return [...groups];
}

const counted = (count: number, what: string): string =>
  count === 0 ? `No ${what}s` : `${count} ${what}${count === 1 ? "" : "s"}`;

/** A node may be called anything; a terminal must not obey it. */
const shown = (text: string): string => stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, " ");
