/** Supersteps a second: every contender in turn, round after round, on one server. */
import { inChild } from "../child.ts";
import type { BenchServer } from "../server.ts";
import type { ContenderName } from "./contenders.ts";
import { peersTrouble } from "./peers.ts";
import type { SpeedRequest } from "./timed.ts";

export interface SpeedSetting {
  readonly threads: number;
  readonly stepsEach: number;
  /** µs per step. A contender that could not be measured is missing. */
  readonly rounds: readonly Partial<Record<ContenderName, number>>[];
}

export interface SpeedFigures {
  readonly warmUpSteps: number;
  readonly settings: readonly SpeedSetting[];
  /** Why DBOS was not measured. */
  readonly dbosMissing?: string;
}

const contenders: readonly ContenderName[] = [
  "floor",
  "bare",
  "least",
  "stock",
  "ours",
  "leased",
  "sealed",
  "dbos",
];
const sizes = [
  { threads: 50, stepsEach: 40 },
  { threads: 1, stepsEach: 300 },
];
const roundCount = 5;
/** Before some thousand supersteps LangGraph alone takes twice the time that it takes afterwards. */
const warmUpSteps = 1_000;

export async function measureSpeed(server: BenchServer, say: (line: string) => void): Promise<SpeedFigures> {
  const dbosMissing = await peersTrouble(say);
  if (dbosMissing !== undefined) say(`DBOS is not measured: ${dbosMissing}`);
  const taking = contenders.filter((name) => name !== "dbos" || dbosMissing === undefined);
  const settings: SpeedSetting[] = [];
  for (const { threads, stepsEach } of sizes) {
    const rounds: Partial<Record<ContenderName, number>>[] = [];
    for (let round = 0; round < roundCount; round++) {
      const figures: Partial<Record<ContenderName, number>> = {};
      // Whoever came first in this round comes last in the next.
      for (const name of [...taking.slice(round), ...taking.slice(0, round)]) {
        figures[name] = await server.withSchema((schema) =>
          microsPerStep(name, { databaseUrl: server.url, schema, threads, stepsEach, warmUpSteps }),
        );
      }
      const shown = taking.map((name) => `${name} ${figures[name]?.toFixed(0)}`).join(", ");
      say(`${threads} × ${stepsEach}, round ${round + 1} of ${roundCount}, µs per superstep: ${shown}`);
      rounds.push(figures);
    }
    settings.push({ threads, stepsEach, rounds });
  }
  return { warmUpSteps, settings, ...(dbosMissing !== undefined && { dbosMissing }) };
}

async function microsPerStep(contender: ContenderName, request: SpeedRequest): Promise<number> {
  const script = contender === "dbos" ? "bench/peers/one-dbos.mjs" : "bench/persistence/one-speed.ts";
  const figures = await inChild<{ microsPerStep: number }>(script, { contender, ...request });
  return figures.microsPerStep;
}
