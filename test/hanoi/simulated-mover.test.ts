/** The simulated mover errs as often as it is told, and in the way it is told: else the figures measured with it mean nothing. */
import { expect, test } from "vitest";
import { defaults, type Settings } from "#graphs/hanoi/context.ts";
import { canonical, misshapen, parsed, tokensAllowed } from "#graphs/hanoi/mover/answer.ts";
import { simulated } from "#graphs/hanoi/mover/simulated-mover.ts";
import { moved, type Pegs, pegsAfter, rightMove } from "#graphs/hanoi/tower.ts";

const disks = 12;
const steps = 2_000;
const samples = 5;

/** By step: the samples' answers, undefined for one that a red flag would discard. */
function answers(settings: Partial<Settings>): (string | undefined)[][] {
  return Array.from({ length: steps }, (_, moves) =>
    Array.from({ length: samples }, (_, at) => {
      const pegs = pegsAfter(disks, moves);
      const answer = simulated({ pegs, last: null, moves }, at + 1, { ...defaults, ...settings });
      return sound(answer.text, answer.tokens);
    }),
  );
}

function sound(text: string, tokens: number): string | undefined {
  if (tokens > tokensAllowed) return undefined;
  try {
    const proposal = parsed(text);
    return misshapen(proposal, disks) === undefined ? canonical(proposal) : undefined;
  } catch {
    return undefined;
  }
}

function rightIn(pegs: Pegs): string {
  const move = rightMove(pegs);
  if (move === undefined) throw new Error("solved");
  return canonical({ move, pegs: moved(pegs, move) });
}

const isWrong = (answer: string | undefined, step: number): boolean =>
  answer !== undefined && answer !== rightIn(pegsAfter(disks, step));

/** Four standard deviations of a share that is counted so often. */
const room = (share: number, count: number): number => 4 * Math.sqrt((share * (1 - share)) / count);

test("without errors set it makes none, and each answer passes the red flags", () => {
  const all = answers({ p: 0 }).flatMap((each, step) =>
    each.map((answer) => answer === rightIn(pegsAfter(disks, step))),
  );
  expect(all.every(Boolean)).toBe(true);
});

test.each([0, 0.5, 1])("errors have the rate p, whatever share of them is shared: %f", (correlated) => {
  const p = 0.1;
  const found = answers({ p, correlated });
  const wrong = found.flatMap((each, step) => each.filter((answer) => isWrong(answer, step))).length;
  // The samples of a step with a shared error count as one.
  const room4 = room(p, correlated === 0 ? steps * samples : steps);
  expect(Math.abs(wrong / (steps * samples) - p)).toBeLessThan(room4);
});

test("shared errors are the same wrong answer for every sample of a step; own errors differ", () => {
  const p = 0.1;
  const sharedIn = (correlated: number) =>
    answers({ p, correlated }).filter(
      (each, step) => each.every((answer) => isWrong(answer, step)) && new Set(each).size === 1,
    ).length / steps;
  expect(sharedIn(0)).toBe(0);
  expect(Math.abs(sharedIn(0.5) - p / 2)).toBeLessThan(room(p / 2, steps));
  expect(Math.abs(sharedIn(1) - p)).toBeLessThan(room(p, steps));
});

test("the malformed share, and no other, is what red flags discard", () => {
  const malformed = 0.2;
  const discarded = answers({ malformed })
    .flat()
    .filter((answer) => answer === undefined).length;
  expect(Math.abs(discarded / (steps * samples) - malformed)).toBeLessThan(room(malformed, steps * samples));
});

test("which answers are malformed has nothing to do with which are wrong", () => {
  const p = 0.1;
  const found = answers({ p, malformed: 0.3 });
  const sound = found.flat().filter((answer) => answer !== undefined).length;
  const wrong = found.flatMap((each, step) => each.filter((answer) => isWrong(answer, step))).length;
  expect(Math.abs(wrong / sound - p)).toBeLessThan(room(p, sound));
});

test("an answer depends on seed, step and sample alone", () => {
  const settings = { p: 0.5, correlated: 0.3, malformed: 0.2 };
  expect(answers(settings)).toEqual(answers(settings));
  expect(answers({ p: 0.5, seed: 2 })).not.toEqual(answers({ p: 0.5 }));
  expect(answers({ p: 0.5, correlated: 1, seed: 2 })).not.toEqual(answers({ p: 0.5, correlated: 1 }));
});
