/** The table and the plot of `npm run reliability`, as text. */
import Table from "cli-table3";
import pc from "picocolors";
import plot from "simple-ascii-chart";
import { dpmo, kMin, seriesReliability } from "../reliability.ts";
import type { Question } from "./flags.ts";
import { type Weapon, weapons } from "./weapons.ts";

interface Terminal {
  /** Columns. */
  readonly width: number;
  readonly colour: boolean;
}

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 6 });
const calls = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat("en", { notation: "compact" });

export function report(question: Question, terminal: Terminal): string {
  const { steps, p, crash, attempts } = question;
  const rows = weapons(question);
  return `${[
    `${counted(steps)}, each right with chance ${p}.`,
    "Formulas for independent errors: nothing is measured.",
    "",
    table(rows, steps),
    "DPMO: steps of a million that go wrong. Calls a step, on average: what a step",
    "costs against one call. Majorities stop early and take fewer than shown.",
    `Retry: the ${given(crash)} of the errors that crash are tried again, ${attempts} attempts in all;`,
    "the others are wrong in silence, and no retry sees them.",
    "What samples get wrong together no vote mends: docs/consensus.md says when",
    "not to vote.",
    "",
    needed(question),
    ...(steps === 1 ? [] : drawn(rows, steps, terminal)),
  ].join("\n")}\n`;
}

function table(rows: readonly Weapon[], steps: number): string {
  const made = new Table({
    head: ["weapon", "DPMO", "all steps right", "calls a step"],
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows)
    made.push([
      row.name,
      defects(row.error),
      percent(seriesReliability(steps, row.error)),
      calls.format(row.calls),
    ]);
  return made.toString();
}

function needed({ steps, p, target }: Question): string {
  if (p <= 0.5)
    return "One sample is right no more often than not: votes would make it worse.\nMend the prompt or the model first.";
  return `For ${given(target)} over ${counted(steps)}: ahead by k = ${number.format(kMin(steps, 1 - p, target))}.`;
}

const colours = [
  ["ansiRed", "red"],
  ["ansiYellow", "yellow"],
  ["ansiMagenta", "magenta"],
  ["ansiCyan", "cyan"],
  ["ansiGreen", "green"],
] as const;

/** Across in powers of ten, since a million steps and the first hundred belong into one picture. */
function drawn(rows: readonly Weapon[], steps: number, { width, colour }: Terminal): string[] {
  const paint = pc.createColors(colour);
  const lines = rows
    .filter(({ plotted }) => plotted)
    .toSorted((one, other) => other.error - one.error)
    .map(({ name, error }, at) => ({ name, error, colour: colours[at] ?? colours[0] }));
  const columns = Math.max(20, Math.min(72, width - 12));
  const at = Array.from({ length: columns }, (_, column) => Math.round(steps ** (column / (columns - 1))));
  const drawing = plot(
    lines.map(({ error }) =>
      [...new Set(at)].map((step): [number, number] => [Math.log10(step), seriesReliability(step, error)]),
    ),
    {
      width: columns,
      height: 14,
      yRange: [0, 1],
      customXAxisTicks: Array.from({ length: Math.floor(Math.log10(steps)) + 1 }, (_, power) => power),
      customYAxisTicks: [0, 0.25, 0.5, 0.75, 1],
      formatter: (value, { axis }) =>
        axis === "y" ? `${Math.round(100 * value)} %`.padStart(5) : compact.format(Math.round(10 ** value)),
      ...(colour ? { color: lines.map((line) => line.colour[0]) } : {}),
    },
  );
  return [
    "",
    `All steps so far right, over 1 to ${counted(steps)} (powers of ten):`,
    drawing.trimEnd(),
    "From the lowest line up:",
    ...lines.map(({ name, colour: [, ink] }) => `  ${paint[ink](name)}`),
  ];
}

const counted = (steps: number): string => `${number.format(steps)} step${steps === 1 ? "" : "s"}`;

/** Two digits that say something, however small. */
function defects(error: number): string {
  const value = dpmo(error);
  return value >= 100 ? number.format(Math.round(value)) : value.toPrecision(2);
}

/** As somebody typed it. */
const given = (share: number): string => `${number.format(100 * share)} %`;

/** As a formula gave it, which is never certain. */
function percent(share: number): string {
  const value = 100 * share;
  if (value < 0.05) return "< 0.1 %";
  if (value >= 99.9995) return "> 99.999 %";
  return `${value.toFixed(value > 99.5 ? 3 : 1)} %`;
}
