/** What the persistence layer must hold, said from the figures: nothing here is written down by hand. */
import { median, spread } from "../statistics.ts";
import type { AppendSeries } from "./append.ts";
import type { ContenderName } from "./contenders.ts";
import type { PersistenceFigures } from "./persistence.ts";
import type { SpeedSetting } from "./speed.ts";

export interface Verdict {
  readonly wanted: string;
  readonly found: string;
  readonly outcome: "holds" | "falls short" | "not measured";
}

const speedUp = 3;
const costShare = 0.5;
const storedMb = 6;
/** Flat: our own choice of a limit. The machine's noise was not measured. */
const flatWithin = 1.25;

export function verdicts({ speed, append }: PersistenceFigures): Verdict[] {
  return [
    ...speed.settings.map((setting) => (setting.threads > 1 ? throughput(setting) : cost(setting))),
    ...speed.settings.map(besideDbos),
    ...append.filter(({ contender }) => contender === "ours").flatMap((ours) => [stored(ours), flat(ours)]),
  ];
}

/** The ratio of two figures within each round in which both were measured. */
export function ratios(
  { rounds }: SpeedSetting,
  ratio: (round: Readonly<Record<ContenderName, number>>) => number,
): number[] {
  return rounds.map((round) => ratio(round as Record<ContenderName, number>)).filter(Number.isFinite);
}

export const inWords = ({ threads, stepsEach }: SpeedSetting): string =>
  threads === 1
    ? `one thread of ${stepsEach} supersteps`
    : `${threads} threads of ${stepsEach} supersteps in parallel`;

function throughput(setting: SpeedSetting): Verdict {
  const found = ratios(setting, ({ stock, ours }) => stock / ours);
  return verdict(
    `${inWords(setting)}: at least ${speedUp} times the stock saver's supersteps a second`,
    `${spread(found, 2)} times`,
    median(found) >= speedUp,
  );
}

function cost(setting: SpeedSetting): Verdict {
  const found = ratios(setting, ({ stock, ours, bare }) => (ours - bare) / (stock - bare));
  return verdict(
    `${inWords(setting)}: persistence costs at most ${costShare} of the stock saver's`,
    `${spread(found, 2)} of it`,
    median(found) <= costShare,
  );
}

function besideDbos(setting: SpeedSetting): Verdict {
  const wanted = `${inWords(setting)}: a superstep takes no longer than a durable step of DBOS Transact`;
  const found = ratios(setting, ({ ours, dbos }) => ours / dbos);
  if (found.length === 0) return { wanted, found: "–", outcome: "not measured" };
  return verdict(wanted, `${spread(found, 2)} of its time`, median(found) <= 1);
}

function stored({ appends, rounds }: AppendSeries): Verdict {
  const found = rounds.map(storedMbOf);
  return verdict(
    `${appends} appends of 1 kB: at most ${storedMb} MB stored`,
    `${spread(found, 2)} MB`,
    median(found) <= storedMb,
  );
}

function flat({ appends, rounds }: AppendSeries): Verdict {
  const found = rounds.map(growthOf);
  return verdict(
    `${appends} appends of 1 kB: the last hundred supersteps take at most ${flatWithin} times the first`,
    `${spread(found, 2)} times`,
    median(found) <= flatWithin,
  );
}

/** Decimal megabytes of all tables. */
export const storedMbOf = ({ tables }: AppendSeries["rounds"][number]): number =>
  Object.values(tables).reduce((sum, bytes) => sum + bytes, 0) / 1e6;

/** The last hundred's ms per superstep as a multiple of the first's. */
export const growthOf = ({ msPerStep }: AppendSeries["rounds"][number]): number =>
  (msPerStep.at(-1) ?? Number.NaN) / (msPerStep[0] ?? Number.NaN);

function verdict(wanted: string, found: string, holds: boolean): Verdict {
  return { wanted, found, outcome: holds ? "holds" : "falls short" };
}
