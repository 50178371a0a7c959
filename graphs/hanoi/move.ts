/**
 * The graph's only step: asks for the next move until one answer is ahead by k, and makes it.
 *
 * It believes what was decided, as MAKER does: the next state is the winner's. Only what the rules forbid is refused, and
 * that is told as a fault, never mended.
 */
import { aheadBy, ofForm, type RedFlag, redFlag, tooLong, vote } from "#src/consensus/index.ts";
import { Fault } from "#src/faults/index.ts";
import { contextOf, type HanoiRuntime } from "./context.ts";
import { canonical, misshapen, parsed, tokensAllowed } from "./mover/answer.ts";
import type { Answer, Mover } from "./mover/mover.ts";
import type { HanoiState, Tower, Votes } from "./state.ts";
import { disksOn, isSolved, moved, pegsText, refusal, startOf } from "./tower.ts";

export const move =
  (mover: Mover) =>
  async (state: HanoiState, runtime: HanoiRuntime): Promise<Partial<HanoiState>> => {
    const { disks } = state;
    const { tower, votes } = standing(state);
    const { answer, drawn, discarded } = await vote<Answer>(runtime, {
      name: "move",
      rule: aheadBy(contextOf(runtime).k),
      recorded: mover.recorded,
      draw: (sample) => mover.ask(tower, sample, runtime),
      canonical: ({ text }) => canonical(parsed(text)),
      flags: flags(disks),
    });
    const decided = parsed(answer.text);
    const why = refusal(tower.pegs, decided.move);
    if (why !== undefined) throw wrongMove(why, tower);
    if (pegsText(moved(tower.pegs, decided.move)) !== pegsText(decided.pegs))
      throw wrongMove("the next state is not what the move makes of this one", tower);
    return {
      tower: { pegs: decided.pegs.map((peg) => [...peg]), moves: tower.moves + 1, last: decided.move },
      votes: { drawn: votes.drawn + drawn, discarded: votes.discarded + discarded },
    };
  };

function standing({ disks, tower, votes }: HanoiState): { tower: Tower; votes: Votes } {
  if (tower !== undefined && votes !== undefined && disksOn(tower.pegs) === disks && !isSolved(tower.pegs))
    return { tower, votes };
  const pegs = startOf(disks).map((peg) => [...peg]);
  return { tower: { pegs, moves: 0, last: null }, votes: { drawn: 0, discarded: 0 } };
}

function flags(disks: number): readonly RedFlag<Answer>[] {
  return [
    tooLong(tokensAllowed, ({ tokens }) => tokens),
    ...ofForm(
      ({ text }: Answer) => parsed(text),
      [redFlag("misshapen_move", (proposal) => misshapen(proposal, disks))],
    ),
  ];
}

function wrongMove(why: string, { moves }: Tower): Fault {
  return new Fault(
    "unexpected",
    "wrong_move",
    `The vote decided on a move ${moves + 1} that cannot be: ${why}.`,
  );
}
