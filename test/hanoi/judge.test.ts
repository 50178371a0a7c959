/** The eye outside overlooks nothing: a wrong move, a lost one, one made twice, a state that moved by itself. */
import { expect, test } from "vitest";
import { isFaultless, judge, onShortestWay } from "#graphs/hanoi/judge.ts";
import type { Tower } from "#graphs/hanoi/state.ts";
import { type Move, moved, pegsAfter, rightMove, startOf } from "#graphs/hanoi/tower.ts";

const mutable = (pegs: readonly (readonly number[])[]) => pegs.map((peg) => [...peg]);
const start = { pegs: startOf(3), moves: 0 };

function after(
  { pegs, moves }: Pick<Tower, "moves"> & { pegs: Tower["pegs"] | typeof start.pegs },
  move?: Move,
): Tower {
  const last = move ?? rightMove(pegs);
  if (last === undefined) throw new Error("solved");
  return { pegs: mutable(moved(pegs, last)), moves: moves + 1, last };
}

test("right moves are right, and a legal wrong one is counted once", () => {
  const eye = judge(start);
  const first = after(start);
  eye.saw(first);
  expect(eye.wrong).toBe(0);
  const second = after(first, { disk: 1, from: 2, to: 1 });
  eye.saw(second);
  eye.saw(after(second));
  expect(eye.wrong).toBe(1);
});

test("a lost move, one made twice and one against the rules are told", () => {
  const first = after(start);
  const second = after(first);
  expect(() => judge(start).saw(second)).toThrow("After move 0 came move 2: one is lost or was made twice.");
  const eye = judge(start);
  eye.saw(first);
  expect(() => eye.saw(first)).toThrow("After move 1 came move 1");
  const onSmaller = after(first, { disk: 2, from: 0, to: 2 });
  expect(() => eye.saw(onSmaller)).toThrow(
    "Move 2 is against the rules: disk 2 would lie on the smaller disk 1.",
  );
});

test("pegs that the moves do not lead to are told", () => {
  const changed = { ...after(start), pegs: [[3], [2], [1]] };
  expect(() => judge(start).saw(changed)).toThrow(
    "The pegs after move 1 are not what the moves make of them.",
  );
});

test("only the tower that is solved in the fewest moves is faultless", () => {
  const solved = mutable(pegsAfter(3, 7));
  expect(isFaultless(3, { pegs: solved, moves: 7, last: null })).toBe(true);
  expect(isFaultless(3, { pegs: solved, moves: 8, last: null })).toBe(false);
  expect(isFaultless(3, { pegs: mutable(pegsAfter(3, 6)), moves: 6, last: null })).toBe(false);
  expect(onShortestWay(3, { pegs: mutable(pegsAfter(3, 6)), moves: 6 })).toBe(true);
  expect(onShortestWay(3, { pegs: mutable(pegsAfter(3, 6)), moves: 5 })).toBe(false);
});
