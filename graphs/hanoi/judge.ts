/**
 * The eye outside: follows a run by its moves alone and says which were wrong. It stands in no node and its findings are in
 * no state, so what it sees cannot be mended on the way.
 *
 * Moves of processes that were killed it has not seen; that none of them was wrong, the end says: a tower that is solved
 * in 2^n - 1 moves was solved the shortest way, and there is one only.
 */
import type { Tower } from "./state.ts";
import { isSolved, moved, type Pegs, pegsAfter, pegsText, refusal, rightMove, shortestWay } from "./tower.ts";

export interface Judge {
  /** Called with each state, in order. @throws Error when a move is missing, double, or not what led to the state. */
  saw(tower: Tower): void;
  /** Moves seen that were not the right one on the pegs that they were made on. */
  readonly wrong: number;
}

/** @param from - Where the run begins or goes on. */
export function judge(from: { readonly pegs: Pegs; readonly moves: number }): Judge {
  let { pegs, moves } = from;
  let wrong = 0;
  return {
    get wrong() {
      return wrong;
    },
    saw(tower) {
      const { last } = tower;
      if (tower.moves !== moves + 1 || last === null)
        throw new Error(`After move ${moves} came move ${tower.moves}: one is lost or was made twice.`);
      const right = rightMove(pegs);
      if (last.disk !== right?.disk || last.from !== right.from || last.to !== right.to) wrong += 1;
      const why = refusal(pegs, last);
      if (why !== undefined) throw new Error(`Move ${tower.moves} is against the rules: ${why}.`);
      pegs = moved(pegs, last);
      moves += 1;
      if (pegsText(pegs) !== pegsText(tower.pegs))
        throw new Error(`The pegs after move ${moves} are not what the moves make of them.`);
    },
  };
}

/** Whether the tower stands where the shortest way has it after so many moves. */
export const onShortestWay = (disks: number, { pegs, moves }: Pick<Tower, "pegs" | "moves">): boolean =>
  moves <= shortestWay(disks) && pegsText(pegs) === pegsText(pegsAfter(disks, moves));

/** Solved, and no wrong move in any process. */
export const isFaultless = (disks: number, tower: Tower): boolean =>
  isSolved(tower.pegs) && onShortestWay(disks, tower);
