/** What a list that grows costs: bytes stored, ms per superstep from the first hundred to the last, time to load. */
import { inChild } from "../child.ts";
import type { BenchServer } from "../server.ts";
import type { SaverName } from "./contenders.ts";
import type { AppendRequest, AppendRun } from "./one-append.ts";

export interface AppendSeries {
  readonly contender: SaverName;
  readonly appends: number;
  readonly rounds: readonly AppendRun[];
}

const appends = 2_000;
/** The stock saver writes the whole list anew at each step: 2,000 take minutes and gigabytes. */
const stockAppends = 300;
const roundCount = 3;

/** @param full - Let the stock saver do all 2,000 as well. */
export async function measureAppend(
  server: BenchServer,
  full: boolean,
  say: (line: string) => void,
): Promise<AppendSeries[]> {
  const series = (["bare", "stock", "ours", "leased", "sealed"] as const).map((contender) => ({
    contender,
    appends: contender === "stock" && !full ? stockAppends : appends,
    rounds: [] as AppendRun[],
  }));
  for (let round = 0; round < roundCount; round++) {
    for (const one of [...series.slice(round), ...series.slice(0, round)]) {
      const measured = await measure(server, one.contender, one.appends);
      one.rounds.push(measured);
      const [first, last] = [measured.msPerStep[0], measured.msPerStep.at(-1)];
      const stored = Object.values(measured.tables).reduce((sum, bytes) => sum + bytes, 0) / 1e6;
      say(
        `${one.appends} appends, ${one.contender}, round ${round + 1} of ${roundCount}: ${first?.toFixed(1)} → ${last?.toFixed(1)} ms per superstep, ${stored.toFixed(2)} MB`,
      );
    }
  }
  return series;
}

function measure(server: BenchServer, contender: SaverName, count: number): Promise<AppendRun> {
  return server.withSchema((warmUpSchema) =>
    server.withSchema(async (schema) => {
      const request: AppendRequest = {
        contender,
        databaseUrl: server.url,
        schema,
        warmUpSchema,
        appends: count,
      };
      return inChild<AppendRun>("bench/persistence/one-append.ts", request);
    }),
  );
}
