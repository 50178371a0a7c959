/** What a real model is asked, as in MAKER: the known strategy, the pegs and the last move in; one move and the next state out. */
import { disksOn } from "../tower.ts";
import type { Question } from "./mover.ts";

export function promptOf({ pegs, last }: Question): string {
  const around = disksOn(pegs) % 2 === 0 ? "0 to 1 to 2 to 0" : "0 to 2 to 1 to 0";
  return `Towers of Hanoi, with disks numbered by size from 1 on pegs 0, 1 and 2. All disks go from peg 0 to peg 2: one
top disk at a time, and never onto a smaller one.

Strategy: if the last move was not of disk 1, or there was none, move disk 1 one peg on, going round ${around}.
If the last move was of disk 1, make the only legal move of another disk.

Pegs now, each with its disks from the bottom up: ${JSON.stringify(pegs)}
Last move, as [disk, from, to]: ${last === null ? "none" : JSON.stringify([last.disk, last.from, last.to])}

Answer with the next move and the pegs after it, in these two lines and nothing else:
move = [disk, from, to]
next_state = [[...], [...], [...]]`;
}
