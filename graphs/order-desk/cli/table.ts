/** The closing table: a row a ticket, or, of many tickets, a row an outcome. */
import Table from "cli-table3";
import { type Category, categories } from "#src/faults/index.ts";
import type { Layer, Tokens } from "../tokens.ts";
import { inCategory, type Paint } from "./paint.ts";
import type { Ending, TicketResult } from "./run-ticket.ts";
import { oneLine, seconds } from "./text.ts";
import { inEnding } from "./ticket-lines.ts";

/** More rows than this are scrolled past, not read. */
const mostRows = 40;

export function closingTable(results: readonly TicketResult[], paint: Paint): string {
  const byTicket = results.length <= mostRows;
  const table = new Table({
    head: [
      byTicket ? "ticket" : "tickets",
      "outcome",
      "faults",
      "effects",
      "tokens",
      "of them checks",
      "time",
    ].map((name) => paint.bold(name)),
    colAligns: ["left", "left", "left", "right", "right", "left", "right"],
    // The library's own colours know nothing of NO_COLOR here.
    style: { head: [], border: [], compact: true },
  });
  for (const row of byTicket
    ? results.map((result) => rowOf(oneLine(String(result.id), 32), [result]))
    : byOutcome(results)) {
    const [name, outcome, faults, effects, tokens, time] = row;
    table.push([
      name,
      inEnding(paint, outcome),
      faultCell(faults, paint),
      effectCell(effects, paint),
      number.format(total(tokens)),
      checksCell(tokens),
      time,
    ]);
  }
  return table.toString();
}

type Counts = Partial<Record<Category, number>>;
type Effects = TicketResult["report"]["effects"];
type Row = [name: string, outcome: Ending, faults: Counts, effects: Effects, tokens: Tokens, time: string];

function rowOf(name: string, results: readonly [TicketResult, ...TicketResult[]]): Row {
  const faults: Counts = {};
  for (const { report } of results) {
    for (const category of categories) {
      const count = report.faults[category];
      if (count !== undefined) faults[category] = (faults[category] ?? 0) + count;
    }
  }
  const tokens: Partial<Record<Layer, number>> = {};
  for (const { report } of results) {
    for (const layer of ["work", ...checks] as const)
      tokens[layer] = (tokens[layer] ?? 0) + (report.tokens[layer] ?? 0);
  }
  const effects = results.flatMap(({ report }) => report.effects);
  const ms = results.reduce((sum, result) => sum + result.ms, 0);
  return [name, results[0].outcome, faults, effects, tokens, seconds(ms)];
}

function byOutcome(results: readonly TicketResult[]): Row[] {
  const endings = new Map<Ending, [TicketResult, ...TicketResult[]]>();
  for (const result of results) {
    const group = endings.get(result.outcome);
    if (group === undefined) endings.set(result.outcome, [result]);
    else group.push(result);
  }
  return [...endings.values()].map((group) => rowOf(String(group.length), group));
}

function faultCell(faults: Counts, paint: Paint): string {
  const words = categories.flatMap((category) => {
    const count = faults[category];
    return count === undefined ? [] : [inCategory(paint, category, `${count} ${category}`)];
  });
  return words.join(", ");
}

const checks = ["inspector", "challenger", "votes"] as const satisfies readonly Layer[];
const number = new Intl.NumberFormat("en");

function total(tokens: Tokens): number {
  return Object.values(tokens).reduce((sum, count) => sum + count, 0);
}

/** Which check took how much. */
function checksCell(tokens: Tokens): string {
  return checks
    .flatMap((layer) => ((tokens[layer] ?? 0) > 0 ? [`${layer} ${number.format(tokens[layer] ?? 0)}`] : []))
    .join(", ");
}

/** Once each, or it says which not. */
function effectCell(effects: Effects, paint: Paint): string {
  const wrong = effects.filter(({ timesRun }) => timesRun !== 1).length;
  return wrong === 0 ? String(effects.length) : paint.red(`${effects.length}, ${wrong} not once`);
}
