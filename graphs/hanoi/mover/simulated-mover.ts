/**
 * The SIMULATED mover: no model. It works out the right move from the pegs and errs by chance, at rates that are set, so
 * that votes and red flags can be measured against formulas. What it says of a real model is nothing.
 *
 * All chance is a pure function of seed, step and sample: a step that is run again after a crash draws the same answers,
 * so its samples need no recording.
 */
import { createHash } from "node:crypto";
import { unrecorded } from "#src/consensus/index.ts";
import { contextOf, type Settings } from "../context.ts";
import { type Move, moved, type Pegs, rightMove } from "../tower.ts";
import { written } from "./answer.ts";
import type { Answer, Mover, Question } from "./mover.ts";

export const simulatedMover: Mover = {
  ask: (question, sample, runtime) => Promise.resolve(simulated(question, sample, contextOf(runtime))),
  recorded: unrecorded,
};

/**
 * One answer. Errors have rate `p`; a share of `correlated` of them is one wrong move for every sample of a step, the rest
 * are drawn for each sample. A share of `malformed` of all answers, right or wrong, is spoilt.
 *
 * @throws RangeError on pegs that are solved.
 */
export function simulated(question: Question, sample: number, settings: Settings): Answer {
  const { p, correlated, malformed, seed } = settings;
  const { pegs, moves } = question;
  const right = rightMove(pegs);
  if (right === undefined) throw new RangeError("simulated: the tower is solved");
  const ofStep = shares(`${seed} ${moves}`);
  const ofSample = shares(`${seed} ${moves} ${sample}`);
  const shared = p * correlated;
  // What is left of p for samples of steps without a shared error, so that both together make p.
  const own = shared === 1 ? 0 : (p - shared) / (1 - shared);
  const move =
    ofStep(0) < shared
      ? wrong(pegs, right, ofStep(1))
      : ofSample(0) < own
        ? wrong(pegs, right, ofSample(1))
        : right;
  const text = written({ move, pegs: moved(pegs, move) });
  return ofSample(2) < malformed ? spoilt(text, ofSample(3)) : answered(text);
}

/** Of the top disks, another than the right one, or to another peg; it may be against the rules. */
function wrong(pegs: Pegs, right: Move, draw: number): Move {
  const others = pegs.flatMap((peg, from) => {
    const disk = peg.at(-1);
    if (disk === undefined) return [];
    const targets = [(from + 1) % 3, (from + 2) % 3];
    return targets
      .map((to) => ({ disk, from, to }))
      .filter((move) => !(move.from === right.from && move.to === right.to));
  });
  return others[Math.floor(draw * others.length)] ?? right;
}

function spoilt(text: string, draw: number): Answer {
  if (draw < 1 / 3) return answered(text.replace("]\n", "\n"));
  if (draw < 2 / 3) return answered(text.replace("move = [", "move = [9"));
  return answered(`${"Let me think again. ".repeat(200)}\n${text}`);
}

/** A token is some four letters. */
const answered = (text: string): Answer => ({ text, tokens: Math.ceil(text.length / 4) });

/** Independent draws in [0, 1) from a word: `at` is which, 0 to 7. */
function shares(word: string): (at: number) => number {
  const digest = createHash("sha256").update(word).digest();
  return (at) => digest.readUInt32BE(4 * at) / 2 ** 32;
}
