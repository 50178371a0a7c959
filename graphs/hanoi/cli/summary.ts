/** What a run says at its start and its end. Pure. */
import type { Settings } from "../context.ts";
import { isFaultless } from "../judge.ts";
import type { RunEnd } from "../run.ts";
import type { Tower } from "../state.ts";
import { disksOn, isSolved, shortestWay } from "../tower.ts";
import type { Memory } from "./progress.ts";
import { bytesText, countText, durationText, percentText } from "./text.ts";

export function openingLines(thread: string, disks: number, from: Tower, who: string): string[] {
  const at = isSolved(from.pegs)
    ? "is solved already"
    : from.moves === 0
      ? "begins"
      : `goes on from move ${countText(from.moves)}`;
  return [`Thread ${thread}: ${disks} disks, ${countText(shortestWay(disks))} moves, ${at}.`, who];
}

export const simulatedWords = ({ k, p, correlated, malformed, seed }: Settings): string =>
  `Simulated mover, no model: errors ${share(p)}, of these shared ${share(correlated)}, malformed ${share(malformed)}; ahead by ${k}, seed ${seed}.`;

/** Rates are small: MAKER's is 0.22 %. */
const share = (rate: number) => `${Number((rate * 100).toPrecision(3))} %`;

export interface Closing {
  readonly end: RunEnd;
  readonly seconds: number;
  readonly memory: Memory;
  /** Of the thread, in the database. */
  readonly checkpoints: number;
}

export function closingLines({ end, seconds, memory, checkpoints }: Closing): string[] {
  const { tower, votes, from } = end;
  const here = tower.moves - from;
  const perMove = tower.moves === 0 ? 0 : votes.drawn / tower.moves;
  return [
    verdict(end),
    `  moves    ${countText(tower.moves)}, of these ${countText(here)} in this process, ${end.wrong} of them wrong`,
    `  resumed  ${from === 0 ? "no" : `from move ${countText(from)}`}`,
    `  votes    ${perMove.toFixed(3)} answers a move, ${countText(votes.discarded)} discarded of ${countText(votes.drawn)}`,
    `  time     ${durationText(seconds)}, ${(here / seconds).toFixed(0)} moves/s`,
    `  memory   ${bytesText(memory.start)} at the start, ${bytesText(memory.peak)} at most, ${bytesText(memory.end)} at the end`,
    `  stored   ${countText(checkpoints)} checkpoints`,
  ];
}

function verdict({ tower, from }: RunEnd): string {
  const disks = disksOn(tower.pegs);
  if (isSolved(tower.pegs) && tower.moves === from)
    return "Solved before: nothing was run now. Give another --thread to build it anew.";
  const more = tower.moves - shortestWay(disks);
  if (isFaultless(disks, tower))
    return "Solved the shortest way, and there is only one: no move was wrong, lost or made twice.";
  if (isSolved(tower.pegs)) return `Solved with ${countText(more)} moves too many: wrong moves were decided.`;
  return `Not solved: ${percentText(tower.moves / shortestWay(disks))} of the moves made.`;
}
