/** The form of an answer: written by the simulated mover, read by the vote. As MAKER asked for it: a move, and the state after it. */
import { type Move, type Pegs, pegsText } from "../tower.ts";

export interface Proposal {
  readonly move: Move;
  readonly pegs: Pegs;
}

/** As in MAKER's final run: error rates rise steeply with longer answers. */
export const tokensAllowed = 750;

const form = /^move = (\[[\d, ]+\])\s+next_state = (\[[\d,[\] ]+\])$/;

export function written({ move: { disk, from, to }, pegs }: Proposal): string {
  return `move = [${disk}, ${from}, ${to}]\nnext_state = ${JSON.stringify(pegs)}`;
}

/** @throws Error, in words for the answer's author, for a text that is not of the form. Nothing is repaired. */
export function parsed(text: string): Proposal {
  const [, move, state] = form.exec(text.trim()) ?? [];
  if (move === undefined || state === undefined)
    throw new Error("two lines are wanted, move and next_state.");
  const numbers: unknown = JSON.parse(move);
  const pegs: unknown = JSON.parse(state);
  if (!(isNumbers(numbers) && numbers.length === 3)) throw new Error("a move is [disk, from, to].");
  if (!(Array.isArray(pegs) && pegs.length === 3 && pegs.every(isNumbers)))
    throw new Error("a state is three lists of disks.");
  const [disk = 0, from = 0, to = 0] = numbers;
  return { move: { disk, from, to }, pegs };
}

/** What of a move cannot be, on any pegs of so many disks. Whether it can be made on these is not asked. */
export function misshapen({ move: { disk, from, to }, pegs }: Proposal, disks: number): string | undefined {
  if (disk < 1 || disk > disks) return `There is no disk ${disk}.`;
  if (from > 2 || to > 2 || from === to) return `There is no way from peg ${from} to peg ${to}.`;
  const all = pegs.flat().sort((a, b) => a - b);
  if (all.length !== disks || all.some((number, at) => number !== at + 1))
    return "The next state does not have each disk once.";
  return undefined;
}

/** Equal for answers that say the same. */
export const canonical = ({ move: { disk, from, to }, pegs }: Proposal): string =>
  `${disk}: ${from} to ${to}, ${pegsText(pegs)}`;

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "number");
}
