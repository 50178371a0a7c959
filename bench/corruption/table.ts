/** The table of the corruption section, and what it says in words. */
import { messageShare } from "./corrupter.ts";
import type { CorruptionRow } from "./corruption.ts";

export function rendered(rows: readonly CorruptionRow[]): string {
  const clean = rows.find(({ layer, sentences }) => layer === "none" && sentences === 0);
  return `Simulated: the planner plays each ticket's right actions, and a seeded program corrupts what it says, as AutoInject
does (arXiv:2408.00989): each message with probability Pm = ${messageShare}, within it each sentence (an action, a
look-up) with probability Pe. Inspector and challenger are rules, not models, and are not corrupted. The shop's own
rules (the gates) check every plan in every row, and approvals are answered yes. Right: the records end exactly as they
should. Wrong: they were changed otherwise. As they began: the ticket went to staff or to a question. Recovered: the
share of the right ends that corruption cost without the layer, won back. Tokens are the stand-in's estimate; the change
is against the clean desk without any check.

| Pe | checks | messages hit | right | wrong | as they began | recovered | tokens a ticket | change |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.map((row) => cells(row, rows, clean)).join("\n")}

${verdict(rows, clean)}`;
}

function cells(row: CorruptionRow, rows: readonly CorruptionRow[], clean: CorruptionRow | undefined): string {
  const share = recovered(row, rows, clean);
  const tokens = perTicket(row);
  const base = clean === undefined ? tokens : perTicket(clean);
  return `| ${[
    row.sentences === 0 ? "none hit" : row.sentences,
    row.layer,
    row.hit,
    `${row.expected} of ${row.tickets}`,
    row.wrong,
    row.unchanged,
    share === undefined ? "" : `${(100 * share).toFixed(1)} %`,
    tokens.toFixed(0),
    `${tokens >= base ? "+" : ""}${((100 * (tokens - base)) / base).toFixed(0)} %`,
  ].join(" | ")} |`;
}

/** Undefined where nothing was lost. */
export function recovered(
  row: CorruptionRow,
  rows: readonly CorruptionRow[],
  clean: CorruptionRow | undefined,
): number | undefined {
  const bare = rows.find(({ layer, sentences }) => layer === "none" && sentences === row.sentences);
  if (clean === undefined || bare === undefined || row.layer === "none") return undefined;
  const lost = clean.expected - bare.expected;
  return lost === 0 ? undefined : (row.expected - bare.expected) / lost;
}

/** Told from the figures, so that it cannot say what they do not. */
function verdict(rows: readonly CorruptionRow[], clean: CorruptionRow | undefined): string {
  const whole = rows.filter(({ layer, sentences }) => layer === "whole" && sentences > 0);
  const wrong = whole.reduce((sum, row) => sum + row.wrong, 0);
  const shares = whole.flatMap((row) => recovered(row, rows, clean) ?? []);
  const least = shares.length === 0 ? undefined : 100 * Math.min(...shares);
  const claims = [
    `with the whole layer ${wrong === 0 ? "no record was changed wrongly" : `${wrong} tickets ended wrong`}: ${wrong === 0 ? "holds" : "falls short"}`,
    ...(least === undefined
      ? []
      : [
          `of what corruption cost, at least ${least.toFixed(1)} % is recovered (asked: 95 %): ${least >= 95 ? "holds" : "falls short"}`,
        ]),
  ];
  return `Asked for: ${claims.join("; ")}.`;
}

function perTicket({ tokens, tickets }: CorruptionRow): number {
  return Object.values(tokens).reduce((sum, count) => sum + count, 0) / tickets;
}
