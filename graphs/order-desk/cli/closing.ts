/** The last lines: the proof from the database, and what a person can do next about tickets that have not ended. */
import type { Proof } from "../report.ts";
import { resumeCommand } from "./commands.ts";
import type { DeskFlags } from "./flags.ts";
import type { Paint } from "./paint.ts";
import type { TicketResult } from "./run-ticket.ts";
import { counted, oneLine } from "./text.ts";

export function proofHolds({ doubled, lost, unclaimed, moneyBalanced }: Proof): boolean {
  return doubled.length + lost.length + unclaimed.length === 0 && moneyBalanced;
}

export function proofLines(proof: Proof, paint: Paint): string[] {
  const { effects, doubled, lost, unclaimed, moneyBalanced, moved } = proof;
  const words = [
    doubled.length === 0
      ? `${counted(effects, "effect")}, each made once`
      : `${doubled.length} of ${counted(effects, "effect")} made more than once`,
    lost.length === 0 ? "none lost" : `${lost.length} lost`,
    ...(unclaimed.length === 0 ? [] : [`${unclaimed.length} that nobody claimed`]),
    moneyBalanced ? `money balanced (${moved.toFixed(2)} moved)` : "MONEY DOES NOT BALANCE",
  ];
  const line = `Proof, from the database: ${words.join(", ")}.`;
  if (proofHolds(proof)) return [paint.green(`✓ ${line}`)];
  const keys = [...doubled, ...lost, ...unclaimed].map((key) => `  ${key}`);
  return [paint.red(`✗ ${line}`), ...few(keys)];
}

export function nextLines(results: readonly TicketResult[], flags: DeskFlags, paint: Paint): string[] {
  const asked = results.filter(({ questions, outcome }) => questions.length > 0 && outcome === "asked");
  const broken = results.filter(({ stepsLeft, outcome }) => stepsLeft && outcome === "failed");
  const stopped = results.filter(({ outcome }) => outcome === "stopped");
  return [
    ...section(
      asked,
      (count) =>
        `${counted(count, "ticket")} ${count === 1 ? "waits" : "wait"} for an answer, for days if need be. To give it:`,
      ({ thread, questions }) => [
        ...questions.map(({ question }) => `  ${paint.magenta(`? ${oneLine(question.question, 160)}`)}`),
        ...questions.flatMap(({ question: { problem } }) =>
          problem === undefined
            ? []
            : [`    ${paint.yellow(`the last answer was not taken: ${oneLine(problem)}`)}`],
        ),
        `    ${resumeCommand(thread, flags, questions[0]?.question.options?.join("|") ?? "…")}`,
      ],
    ),
    ...section(
      broken,
      (count) =>
        `${counted(count, "ticket")} met a bug. Once it is mended, the failed step runs again (planning and fulfilment from their beginning), and no effect is made twice:`,
      ({ thread }) => [`    ${resumeCommand(thread, flags)}`],
    ),
    ...section(
      stopped,
      (count) => `${counted(count, "ticket")} ${count === 1 ? "has" : "have"} steps left. To go on:`,
      ({ thread }) => [`    ${resumeCommand(thread, flags)}`],
    ),
  ];
}

function section(
  results: readonly TicketResult[],
  heading: (count: number) => string,
  lines: (result: TicketResult) => string[],
): string[] {
  if (results.length === 0) return [];
  return ["", heading(results.length), ...few(results.map((result) => lines(result).join("\n")))];
}

/** More than this push the rest off the screen. */
const shown = 10;

function few(blocks: readonly string[]): string[] {
  const rest = blocks.length - shown;
  return [
    ...blocks.slice(0, shown),
    ...(rest > 0 ? [`  … and ${rest} more (--report FILE lists them all)`] : []),
  ];
}
