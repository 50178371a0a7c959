/**
 * Towers of Hanoi, one move a superstep, each move decided by a vote: MAKER's own problem (arXiv:2511.09030), as a proof
 * that votes, red flags and checkpoints carry a million steps. Not an example of how to solve the puzzle.
 */
import { END, START, StateGraph } from "@langchain/langgraph";
import { bubbleUp, errorRoutes, guarded } from "#src/routing/index.ts";
import { hanoiContext } from "./context.ts";
import { move } from "./move.ts";
import type { Mover } from "./mover/mover.ts";
import { simulatedMover } from "./mover/simulated-mover.ts";
import { type HanoiState, hanoiInput, hanoiState } from "./state.ts";
import { isSolved } from "./tower.ts";

/**
 * A vote that nobody can win is nobody's move: it comes up to whoever runs the graph. Without a timeout, which would cost
 * every superstep a timer: the model's client has one.
 */
const routed = errorRoutes({
  unexpected: "bubble_up",
  attempts: 8,
  baseMs: 100,
  capMs: 5_000,
});

export const hanoi = (mover: Mover) =>
  new StateGraph({ state: hanoiState, input: hanoiInput, context: hanoiContext })
    .addNode("move", guarded(move(mover)), routed())
    .addNode("bubble_up", bubbleUp(), { defer: true, ends: ["move"] })
    .addEdge(START, "move")
    .addConditionalEdges("move", next, ["move", END]);

const next = ({ tower }: Pick<HanoiState, "tower">) =>
  tower !== undefined && isSolved(tower.pegs) ? END : "move";

/** What langgraph.json lists: few disks, the simulated mover, and no checkpointer, since the servers bring their own. */
export const graph = hanoi(simulatedMover).compile({
  name: "hanoi",
  description: "Towers of Hanoi by votes of a simulated mover, one move a superstep",
});
