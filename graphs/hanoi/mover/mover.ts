/** Who answers what the next move is: the simulated mover, or a real model. Both answer in text, and only that is voted on. */
import type { Ballot } from "#src/consensus/index.ts";
import type { HanoiRuntime } from "../context.ts";
import type { Move, Pegs } from "../tower.ts";

export interface Question {
  readonly pegs: Pegs;
  /** The move before this one; null at the start. */
  readonly last: Move | null;
  /** Moves made before. */
  readonly moves: number;
}

export interface Answer {
  readonly text: string;
  readonly tokens: number;
}

export interface Mover {
  /**
   * One answer, never the same object twice.
   *
   * @param sample - Counts the answers to one question, from 1.
   */
  ask(question: Question, sample: number, runtime: HanoiRuntime): Promise<Answer>;
  /** How the vote writes its samples down. */
  readonly recorded: Ballot<Answer>["recorded"];
}
