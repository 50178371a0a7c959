/** A dead model endpoint under load: what its tickets end with, what reaches it, and what other tickets feel of it. */
import { retailIsThere } from "../../test/tickets/run-tickets.ts";
import { inChild } from "../child.ts";
import type { Section } from "../section.ts";
import { startBenchServer } from "../server.ts";
import { median, spread } from "../statistics.ts";
import type { LoadFigures, LoadRequest, Setting } from "./one-load.ts";

type Round = Readonly<Record<Setting, LoadFigures>>;

interface IsolationFigures {
  readonly tickets: number;
  readonly atATime: number;
  readonly rounds: readonly Round[];
}

const settings: readonly Setting[] = ["no fault", "dead, with a fallback", "dead, without one"];
const tickets = 100;
const atATime = 8;
const roundCount = 3;

export const isolation: Section<IsolationFigures> = {
  name: "isolation",
  heading: "A dead model endpoint under load",

  async measure(say) {
    if (!retailIsThere) {
      say("tau-bench-retail is not beside the project, and TAU_BENCH_DIR is not set");
      return undefined;
    }
    const server = await startBenchServer();
    if (server === undefined) {
      say("there are no Postgres binaries on this machine");
      return undefined;
    }
    const rounds: Round[] = [];
    try {
      for (let round = 0; round < roundCount; round++) {
        const figures: Partial<Record<Setting, LoadFigures>> = {};
        // Whoever came first in this round comes last in the next.
        for (const setting of [...settings.slice(round), ...settings.slice(0, round)]) {
          const one = await server.withSchema((schema) => {
            const request: LoadRequest = { databaseUrl: server.url, schema, setting, tickets, atATime };
            return inChild<LoadFigures>("bench/isolation/one-load.ts", request);
          });
          say(
            `${setting}, round ${round + 1} of ${roundCount}: ${endsInWords(one)}; ${one.deadCalls} calls reached the dead endpoint; p95 of the others ${p95(one).toFixed(0)} ms`,
          );
          figures[setting] = one;
        }
        rounds.push(figures as Round);
      }
    } finally {
      await server.stop();
    }
    return { tickets, atATime, rounds };
  },

  render: ({
    tickets,
    atATime,
    rounds,
  }) => `Two desks in one process on one Postgres, fsync on, each at work on ${tickets} of the public tickets, ${atATime} at a time, with the
stand-in for a model. The first one's endpoint is dead from the start: it hangs up. The others are the tickets of the second desk,
which has an endpoint of its own. Medians of ${rounds.length} alternating rounds with [lowest..highest]; ratios are made within a round.

| the first desk's endpoint | its tickets: finished | parked | asked | failed | calls that reached the dead one | p95 of the others, ms | p95 of the others, times that without the fault |
| --- | --- | --- | --- | --- | --- | --- | --- |
${settings.map((setting) => row(setting, rounds)).join("\n")}

The p95 of the other tickets is ${
    settings.slice(1).every((setting) => median(slowdowns(setting, rounds)) <= 1)
      ? "no worse than without the fault"
      : "WORSE than without the fault"
  }.`,
};

function row(setting: Setting, rounds: readonly Round[]): string {
  const each = (figure: (one: LoadFigures) => number) =>
    spread(
      rounds.map((round) => figure(round[setting])),
      0,
    );
  const cells = [
    setting,
    each(({ ends }) => ends.finished),
    each(({ ends }) => ends.parked),
    each(({ ends }) => ends.asked),
    each(({ ends }) => ends.failed),
    setting === "no fault" ? "–" : each(({ deadCalls }) => deadCalls),
    each(p95),
    spread(slowdowns(setting, rounds), 2),
  ];
  return `| ${cells.join(" | ")} |`;
}

const slowdowns = (setting: Setting, rounds: readonly Round[]): number[] =>
  rounds.map((round) => p95(round[setting]) / p95(round["no fault"]));

function p95({ otherMs }: LoadFigures): number {
  const sorted = [...otherMs].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
}

const endsInWords = ({ ends }: LoadFigures): string =>
  Object.entries(ends)
    .filter(([, count]) => count > 0)
    .map(([end, count]) => `${count} ${end}`)
    .join(", ");
