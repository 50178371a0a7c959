/** The rules of the tower, each against a second way to the same answer. */
import { expect, test } from "vitest";
import {
  isSolved,
  type Move,
  moved,
  type Pegs,
  pegsAfter,
  pegsText,
  refusal,
  rightMove,
  shortestWay,
  startOf,
} from "#graphs/hanoi/tower.ts";

/** As every textbook has it. */
function* recursive(disks: number, from = 0, to = 2): Generator<Move> {
  if (disks === 0) return;
  const third = 3 - from - to;
  yield* recursive(disks - 1, from, third);
  yield { disk: disks, from, to };
  yield* recursive(disks - 1, third, to);
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  "with %i disks the right moves are those of the recursive solution",
  (disks) => {
    let pegs = startOf(disks);
    let moves = 0;
    for (const move of recursive(disks)) {
      expect(rightMove(pegs)).toEqual(move);
      expect(refusal(pegs, move)).toBeUndefined();
      pegs = moved(pegs, move);
      moves += 1;
      expect(pegsAfter(disks, moves)).toEqual(pegs);
    }
    expect(moves).toBe(shortestWay(disks));
    expect(isSolved(pegs)).toBe(true);
    expect(rightMove(pegs)).toBeUndefined();
  },
);

test("off the shortest way the right move is still the first of a shortest way", () => {
  const disks = 5;
  const distance = distancesToSolved(disks);
  expect(distance.size).toBe(3 ** disks);
  for (const [text, far] of distance) {
    if (far === 0) continue;
    const pegs = pegsIn(text);
    const right = rightMove(pegs);
    if (right === undefined) throw new Error(`no move from ${text}`);
    expect(refusal(pegs, right)).toBeUndefined();
    expect(distance.get(pegsText(moved(pegs, right)))).toBe(far - 1);
  }
});

test("moves that the rules forbid are refused, and say why", () => {
  const pegs = [[3, 2], [1], []];
  expect(refusal(pegs, { disk: 2, from: 0, to: 1 })).toBe("disk 2 would lie on the smaller disk 1");
  expect(refusal(pegs, { disk: 3, from: 0, to: 2 })).toBe("disk 3 is not on top of peg 0");
  expect(refusal(pegs, { disk: 2, from: 0, to: 0 })).toBe("no way from peg 0 to peg 0");
  expect(refusal(pegs, { disk: 2, from: 0, to: 3 })).toBe("no way from peg 0 to peg 3");
});

/** Breadth first, back from the end: moves can be taken back. */
function distancesToSolved(disks: number): Map<string, number> {
  const solved: Pegs = [[], [], startOf(disks)[0] ?? []];
  const found = new Map([[pegsText(solved), 0]]);
  for (const [text, far] of found) {
    const pegs = pegsIn(text);
    for (const from of [0, 1, 2]) {
      for (const to of [0, 1, 2]) {
        const move = { disk: pegs[from]?.at(-1) ?? 0, from, to };
        if (refusal(pegs, move) !== undefined) continue;
        const next = pegsText(moved(pegs, move));
        if (!found.has(next)) found.set(next, far + 1);
      }
    }
  }
  return found;
}

const pegsIn = (text: string): Pegs =>
  text.split("|").map((peg) => (peg === "" ? [] : peg.split(",").map(Number)));
