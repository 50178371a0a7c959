/** The table and the plot of `npm run reliability`, as text. */
import Table from "cli-table3";
import plot from "simple-ascii-chart";
import { dpmo, kMin, seriesReliability } from "../reliability.ts";
import type { Question } from "./flags.ts";
import { type Weapon, weapons } from "./weapons.ts";

const number = new Intl.NumberFormat("en");

/** @param width - Columns of the terminal. */
export function report(question: Question, { width, colour }: { width: number; colour: boolean }): string {
  const { steps, p, crash } = question;
  const rows = weapons(question);
  return `${[
    `${number.format(steps)} steps, each right with chance ${p}. Formulas for independent errors: nothing is measured.`,
    table(rows, steps),
    `The retry sees the ${percent(crash)} of the errors that crash; the others are wrong in silence. Majorities stop early, so they`,
    "take fewer calls than shown. What samples get wrong together no vote mends: docs/consensus.md says when not to vote.",
    "",
    ...needed(question),
    "",
    "Chance that all steps so far are right:",
    drawn(rows, question, { width, colour }).trimEnd(),
    `0 to ${number.format(steps)} steps; from the lowest line up: ${plotted(rows).join(", ")}`,
  ].join("\n")}\n`;
}

function table(rows: readonly Weapon[], steps: number): string {
  const made = new Table({
    head: ["weapon", "wrong a step, DPMO", "all steps right", "calls a step"],
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, error, calls } of rows)
    made.push([name, defects(error), percent(seriesReliability(steps, error)), calls.toFixed(2)]);
  return made.toString();
}

function needed({ steps, p, target }: Question): string[] {
  if (p <= 0.5)
    return [
      "One sample is right no more often than not: votes would make it worse. Mend the prompt or the model first.",
    ];
  const k = kMin(steps, 1 - p, target);
  return [`For ${percent(target)} over ${number.format(steps)} steps: ahead by k = ${k}.`];
}

/** So many points a line: enough for any terminal. */
const points = 60;

function plotted(rows: readonly Weapon[]): string[] {
  return rows
    .filter((row) => row.plotted)
    .toSorted((one, other) => other.error - one.error)
    .map(({ name }) => name);
}

function drawn(
  rows: readonly Weapon[],
  { steps }: Question,
  { width, colour }: { width: number; colour: boolean },
): string {
  const lines = rows.filter(({ plotted }) => plotted);
  const at = Array.from({ length: points + 1 }, (_, index) => Math.round((steps * index) / points));
  const colours = ["ansiRed", "ansiYellow", "ansiCyan", "ansiGreen"] as const;
  return plot(
    lines.map(({ error }) => at.map((step): [number, number] => [step, seriesReliability(step, error)])),
    {
      width: Math.max(20, Math.min(72, width - 12)),
      height: 14,
      yRange: [0, 1],
      formatter: (value, { axis }) => (axis === "y" ? `${Math.round(100 * value)} %` : ""),
      hideXAxisTicks: true,
      ...(colour ? { color: colours.slice(0, lines.length) } : {}),
    },
  );
}

/** Two digits that say something, however small. */
function defects(error: number): string {
  const value = dpmo(error);
  return value >= 100 ? number.format(Math.round(value)) : value.toPrecision(2);
}

function percent(share: number): string {
  const value = 100 * share;
  return `${value > 99.5 && value < 100 ? value.toFixed(3) : value.toFixed(1)} %`;
}
