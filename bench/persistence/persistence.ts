/** The persistence layer beside the stock one, DBOS Transact and the server's own limit, all in one run. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { root } from "../child.ts";
import type { Section } from "../section.ts";
import { type ServerSettings, startBenchServer } from "../server.ts";
import { type AppendSeries, measureAppend } from "./append.ts";
import { appendChart, speedChart } from "./charts.ts";
import { measureSpeed, type SpeedFigures } from "./speed.ts";
import { appendTables, speedTables } from "./tables.ts";
import { type Verdict, verdicts } from "./verdicts.ts";

export interface PersistenceFigures {
  readonly server: ServerSettings;
  /** Of the packages compared. */
  readonly versions: Readonly<Record<string, string>>;
  readonly speed: SpeedFigures;
  readonly append: readonly AppendSeries[];
}

const packages = {
  "LangGraph.js": "node_modules/@langchain/langgraph",
  PostgresSaver: "node_modules/@langchain/langgraph-checkpoint-postgres",
  "DBOS Transact": "bench/peers/node_modules/@dbos-inc/dbos-sdk",
};

export const persistence: Section<PersistenceFigures> = {
  name: "persistence",
  heading: "Persistence",

  async measure(say, { full }) {
    const server = await startBenchServer();
    if (server === undefined) {
      say("there are no Postgres binaries on this machine");
      return undefined;
    }
    say(`Postgres ${server.settings.version}, fsync ${server.settings.fsync}`);
    try {
      const speed = await measureSpeed(server, say);
      const append = await measureAppend(server, full, say);
      const figures = { server: server.settings, versions: await versions(), speed, append };
      for (const verdict of verdicts(figures)) say(inOneLine(verdict));
      return figures;
    } finally {
      await server.stop();
    }
  },

  render: (figures) => `${setUp(figures)}

| what must hold | measured | |
| --- | --- | --- |
${verdicts(figures)
  .map(({ wanted, found, outcome }) => `| ${wanted} | ${found} | ${outcome} |`)
  .join("\n")}

${speedTables(figures.speed)}

![Supersteps a second by contender](figures/persistence-speed.svg)

${appendTables(figures)}

![Milliseconds per superstep over the run of appends](figures/persistence-append.svg)`,

  charts: (figures, measuredOn) => {
    const under = `${measuredOn}\n${serverInWords(figures)}`;
    return {
      "persistence-speed.svg": speedChart(figures.speed, under),
      "persistence-append.svg": appendChart(figures.append, under),
    };
  },
};

const inOneLine = ({ wanted, found, outcome }: Verdict): string => `${wanted}: ${found}: ${outcome}`;

function serverInWords({ server, versions }: PersistenceFigures): string {
  const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Postgres ${server.version}, fsync ${server.fsync}, ${others.join(", ")}`;
}

function setUp(figures: PersistenceFigures): string {
  const { synchronousCommit } = figures.server;
  return `${serverInWords(figures)}; synchronous_commit ${synchronousCommit}, the rest of the
server's settings as it comes. One server for all, on the same machine. Each contender runs in a process of its own and each round on a schema
of its own; in each round another one begins. Figures are medians of the rounds with [lowest..highest]; ratios are made
within a round, and then their median is taken. LangGraph runs under durability \`sync\`, pools have ten connections.`;
}

/** Only of what is installed. */
async function versions(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, folder] of Object.entries(packages)) {
    const text = await readFile(join(root, folder, "package.json"), "utf8").catch(() => undefined);
    if (text !== undefined) found[name] = z.object({ version: z.string() }).parse(JSON.parse(text)).version;
  }
  return found;
}
