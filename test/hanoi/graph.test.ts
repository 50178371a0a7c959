/** What the graph makes of a mover's answers: discarded, outvoted, believed, or told. */
import { expect, test } from "vitest";
import { defaults, type Settings } from "#graphs/hanoi/context.ts";
import { hanoi } from "#graphs/hanoi/graph.ts";
import { isFaultless } from "#graphs/hanoi/judge.ts";
import { written } from "#graphs/hanoi/mover/answer.ts";
import type { Mover, Question } from "#graphs/hanoi/mover/mover.ts";
import { simulatedMover } from "#graphs/hanoi/mover/simulated-mover.ts";
import type { HanoiState } from "#graphs/hanoi/state.ts";
import { isSolved, type Move, moved, rightMove, shortestWay } from "#graphs/hanoi/tower.ts";
import { unrecorded } from "#src/consensus/index.ts";
import { eventOf } from "#src/events/index.ts";

async function built(disks: number, settings: Partial<Settings>, mover: Mover = simulatedMover) {
  const events: string[] = [];
  let state: HanoiState | undefined;
  const stream = await hanoi(mover)
    .compile()
    .stream(
      { disks },
      { context: { ...defaults, ...settings }, recursionLimit: 10_000, streamMode: ["custom", "values"] },
    );
  for await (const [mode, chunk] of stream) {
    if (mode === "values") state = chunk as HanoiState;
    const event = mode === "custom" ? eventOf(chunk) : undefined;
    if (event?.type === "red_flag") events.push(event.code);
  }
  if (state?.tower === undefined || state.votes === undefined) throw new Error("no move was made");
  return { tower: state.tower, votes: state.votes, flags: events };
}

/** Answers what it is told on the step after `moves` moves, and rightly on every other. */
function misled(moves: number, answer: (question: Question, sample: number) => Move): Mover {
  return {
    recorded: unrecorded,
    ask: async (question, sample) => {
      const right = rightMove(question.pegs);
      if (right === undefined) throw new Error("solved");
      const move = question.moves === moves ? answer(question, sample) : right;
      const text = written({ move, pegs: moved(question.pegs, move) });
      return { text, tokens: text.length / 4 };
    },
  };
}

test("malformed and overlong answers are discarded, each with an event, and have no vote", async () => {
  const { tower, votes, flags } = await built(7, { p: 0, malformed: 0.3 });
  expect(isFaultless(7, tower)).toBe(true);
  expect(votes.drawn - votes.discarded).toBe(3 * shortestWay(7));
  // An overlong answer is malformed as well.
  expect(flags.filter((code) => code !== "too_long")).toHaveLength(votes.discarded);
  expect(new Set(flags)).toEqual(new Set(["too_long", "wrong_format", "misshapen_move"]));
});

test("errors of single answers are outvoted, where one answer alone would be wrong", async () => {
  const voted = await built(7, { p: 0.1, k: 4, seed: 3 });
  expect(isFaultless(7, voted.tower)).toBe(true);
  await expect(
    built(7, { p: 0.1, k: 1, seed: 3 }).then(({ tower }) => isFaultless(7, tower)),
  ).rejects.toThrow("The vote decided on a move");
});

test("a wrong move that all answers agree on is made: the tower is solved the long way, and the judge says so", async () => {
  const wrong = { disk: 1, from: 2, to: 1 };
  const { tower } = await built(
    3,
    {},
    misled(1, () => wrong),
  );
  expect(isSolved(tower.pegs)).toBe(true);
  expect(tower.moves).toBeGreaterThan(shortestWay(3));
  expect(isFaultless(3, tower)).toBe(false);
});

test("a decided move that the rules forbid comes up as a fault, and is not mended", async () => {
  const onSmaller = misled(1, () => ({ disk: 2, from: 0, to: 2 }));
  await expect(built(3, {}, onSmaller)).rejects.toMatchObject({
    code: "wrong_move",
    message: "The vote decided on a move 2 that cannot be: disk 2 would lie on the smaller disk 1.",
  });
});

test("a vote without an end comes up as a fault, and nobody's move is made", async () => {
  const torn = misled(1, (_, sample) =>
    sample % 2 === 0 ? { disk: 2, from: 0, to: 1 } : { disk: 1, from: 2, to: 1 },
  );
  await expect(built(3, {}, torn)).rejects.toMatchObject({ code: "vote_tied" });
});
