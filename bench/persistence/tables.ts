/** The persistence figures as Markdown tables. */
import { median, spread } from "../statistics.ts";
import type { AppendSeries } from "./append.ts";
import { type ContenderName, labels } from "./contenders.ts";
import type { PersistenceFigures } from "./persistence.ts";
import type { SpeedFigures, SpeedSetting } from "./speed.ts";
import { growthOf, inWords, ratios, storedMbOf } from "./verdicts.ts";

const names = Object.keys(labels) as ContenderName[];
const none = "–";

export function speedTables({ settings, warmUpSteps, dbosMissing }: SpeedFigures): string {
  return `### Supersteps a second

The graph is one node in a loop over a counter and a small string; for DBOS a thread is a workflow and a superstep is one
\`DBOS.runStep\` with the same small result. Starting and ending the threads is part of the time, ${warmUpSteps} steps of warm-up are
not. What persistence costs is the time less that of LangGraph without a checkpointer in the same round. The checkpointer of
one prepared INSERT keeps a thread and an id, and nothing to go on from: where one thread waits for each commit, nobody
can be quicker on LangGraph and node-postgres.

${settings.map((setting) => speedTable(setting, dbosMissing)).join("\n\n")}`;
}

function speedTable(setting: SpeedSetting, dbosMissing: string | undefined): string {
  const rows = names.map((name) => {
    const micros = ratios(setting, (round) => round[name]);
    if (micros.length === 0) return `| ${labels[name]} | not measured: ${dbosMissing} | | | | | | |`;
    const isLangGraph = name !== "floor" && name !== "dbos";
    const cells = [
      spread(micros, 0),
      (1e6 / median(micros)).toFixed(0),
      isLangGraph && name !== "bare"
        ? spread(
            ratios(setting, (round) => round[name] - round.bare),
            0,
          )
        : none,
      isLangGraph && name !== "bare"
        ? times(setting, (round) => (round[name] - round.bare) / (round.stock - round.bare))
        : none,
      times(setting, (round) => round.stock / round[name]),
      times(setting, (round) => round.dbos / round[name]),
      times(setting, (round) => round[name] / round.floor),
    ];
    return `| ${labels[name]} | ${cells.join(" | ")} |`;
  });
  return `**${capital(inWords(setting))}**, ${setting.rounds.length} rounds:

| contender | µs per superstep | supersteps/s | persistence costs, µs | of PostgresSaver's cost | speed, times PostgresSaver | speed, times DBOS | time, times commit floor |
| --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join("\n")}`;
}

function times(setting: SpeedSetting, ratio: Parameters<typeof ratios>[1]): string {
  const found = ratios(setting, ratio);
  return found.length === 0 ? none : spread(found, 2);
}

export function appendTables({ append, speed }: PersistenceFigures): string {
  const stock = append.find(({ contender }) => contender === "stock");
  const single = speed.settings.find(({ threads }) => threads === 1);
  const floor = single === undefined ? [] : ratios(single, (round) => round.floor / 1000);
  return `### A list that grows

One thread appends a message of 1,000 random characters a superstep, by a reducer that concatenates. Stored is what
Postgres says of all tables with their indexes and TOAST, less what they take when empty; times are medians of a hundred supersteps, then of ${append[0]?.rounds.length} rounds.
${stockNote(stock)}The commit floor of one thread in this run: ${floor.length === 0 ? none : `${spread(floor, 2)} ms`}.

| contender | appends | stored, MB | ms per superstep, first hundred | last hundred | last / first | reading the state back, ms |
| --- | --- | --- | --- | --- | --- | --- |
${append.map(appendRow).join("\n")}

Stored, by table, in MB:

${tableSizes(append)}`;
}

function stockNote(stock: AppendSeries | undefined): string {
  if (stock === undefined || stock.appends >= 2_000) return "";
  return `PostgresSaver stores the whole list at each superstep, so that its bytes grow with the square of the appends; it was
measured at ${stock.appends} here, and \`npm run bench -- persistence --full\` measures it at 2,000. `;
}

function appendRow({ contender, appends, rounds }: AppendSeries): string {
  const loads = rounds.flatMap(({ loadMs }) => loadMs ?? []);
  const cells = [
    labels[contender],
    appends,
    contender === "bare"
      ? none
      : spread(
          rounds.map((round) => storedMbOf(round)),
          2,
        ),
    spread(
      rounds.map(({ msPerStep }) => msPerStep[0] ?? Number.NaN),
      2,
    ),
    spread(
      rounds.map(({ msPerStep }) => msPerStep.at(-1) ?? Number.NaN),
      2,
    ),
    spread(rounds.map(growthOf), 2),
    loads.length === 0 ? none : spread(loads, 0),
  ];
  return `| ${cells.join(" | ")} |`;
}

function tableSizes(append: readonly AppendSeries[]): string {
  const stored = append.filter(({ contender }) => contender !== "bare");
  const tables = [...new Set(stored.flatMap(({ rounds }) => Object.keys(rounds[0]?.tables ?? {})))].sort();
  const row = (table: string) => {
    const cells = stored.map(({ rounds }) => {
      const bytes = rounds.flatMap(({ tables }) => tables[table] ?? []);
      return bytes.length === 0 ? none : (median(bytes) / 1e6).toFixed(2);
    });
    return `| \`${table}\` | ${cells.join(" | ")} |`;
  };
  return `| table | ${stored.map(({ contender, appends }) => `${labels[contender]}, ${appends} appends`).join(" | ")} |
| --- |${" --- |".repeat(stored.length)}
${tables.map(row).join("\n")}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
