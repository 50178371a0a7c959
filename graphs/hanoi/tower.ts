/**
 * The rules of the Towers of Hanoi: pegs, moves, and the one right move. Pure; knows no model, vote or graph.
 *
 * Used by everything in this folder. Three pegs, 0 to 2; disks are numbered by size from 1; each peg lists its disks from
 * the bottom up. The tower stands on peg 0 and is to stand on peg 2.
 */

export type Pegs = readonly (readonly number[])[];

export interface Move {
  readonly disk: number;
  readonly from: number;
  readonly to: number;
}

/** With more, the numbers of moves are no longer exact in the bit arithmetic of {@link pegsAfter}. */
export const mostDisks = 30;

export function startOf(disks: number): Pegs {
  return [Array.from({ length: disks }, (_, at) => disks - at), [], []];
}

export const disksOn = (pegs: Pegs): number => pegs.reduce((sum, peg) => sum + peg.length, 0);

/** All disks on peg 2. Their order needs no look where every move was legal. */
export const isSolved = ([first, second]: Pegs): boolean => first?.length === 0 && second?.length === 0;

/** Moves that the shortest way takes; no other way takes so few. */
export const shortestWay = (disks: number): number => 2 ** disks - 1;

/** Why the move cannot be made, or undefined. */
export function refusal(pegs: Pegs, { disk, from, to }: Move): string | undefined {
  const source = pegs[from];
  const target = pegs[to];
  if (source === undefined || target === undefined || from === to)
    return `no way from peg ${from} to peg ${to}`;
  if (source.at(-1) !== disk) return `disk ${disk} is not on top of peg ${from}`;
  const below = target.at(-1);
  return below !== undefined && below < disk
    ? `disk ${disk} would lie on the smaller disk ${below}`
    : undefined;
}

/** The pegs after the top disk of `from` was moved, whether that was legal or not. */
export function moved(pegs: Pegs, { disk, from, to }: Move): Pegs {
  return pegs.map((peg, at) => (at === from ? peg.slice(0, -1) : at === to ? [...peg, disk] : peg));
}

/**
 * The first move of the shortest way from these pegs to the solved tower, undefined when they are solved.
 *
 * From the largest disk down: one that is not where it belongs can move there only when all smaller ones stand on the
 * third peg, so that is where they belong. The last disk found out of its place is the one to move.
 */
export function rightMove(pegs: Pegs): Move | undefined {
  const pegOf: number[] = [];
  for (const [at, peg] of pegs.entries()) for (const disk of peg) pegOf[disk] = at;
  let target = 2;
  let move: Move | undefined;
  for (let disk = pegOf.length - 1; disk >= 1; disk--) {
    const from = pegOf[disk] ?? target;
    if (from === target) continue;
    move = { disk, from, to: target };
    target = 3 - from - target;
  }
  return move;
}

/**
 * The pegs after `moves` moves of the shortest way, without making any of them: disk d is moved for the first time at move
 * 2^(d-1) and then every 2^d moves, always in one direction around; neighbours in size go opposite ways, and the largest
 * goes from 0 to 2.
 *
 * @param disks - At most {@link mostDisks}.
 */
export function pegsAfter(disks: number, moves: number): Pegs {
  const pegs: number[][] = [[], [], []];
  for (let disk = disks; disk >= 1; disk--) {
    const times = Math.floor((moves + 2 ** (disk - 1)) / 2 ** disk);
    const stride = (disks - disk) % 2 === 0 ? 2 : 1;
    pegs[(times * stride) % 3]?.push(disk);
  }
  return pegs;
}

/** Pegs as a word that is the same for the same pegs only. */
export const pegsText = (pegs: Pegs): string => pegs.map((peg) => peg.join(",")).join("|");
