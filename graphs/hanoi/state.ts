/**
 * The state of a tower, as plain JSON. Few channels, since each one that a superstep changes is a row in the database.
 *
 * Nothing in it says whether a move was right: that is seen from outside (`judge.ts`), so that no error can hide itself.
 */
import { z } from "zod";
import { faultChannels } from "#src/routing/index.ts";
import { mostDisks } from "./tower.ts";

const towerSchema = z.object({
  pegs: z.array(z.array(z.number())).describe("Each peg's disks from the bottom up; disk 1 is the smallest"),
  moves: z.number().describe("Moves made so far"),
  last: z
    .object({ disk: z.number(), from: z.number(), to: z.number() })
    .nullable()
    .describe("The move that led here"),
});

const votesSchema = z.object({
  drawn: z.number().describe("Answers drawn so far, discarded ones too"),
  discarded: z.number().describe("Answers with a red flag, which had no vote"),
});

export const hanoiState = z.object({
  disks: z.int().min(1).max(mostDisks).default(3).describe("Disks of the tower"),
  tower: towerSchema.optional().describe("Where the disks are, once a move was made"),
  votes: votesSchema.optional().describe("What the moves took"),
  ...faultChannels,
});

/** What a client sends. A new input on a tower that is solved, or of other size, begins a new one. */
export const hanoiInput = hanoiState.pick({ disks: true });

export type HanoiState = z.infer<typeof hanoiState>;
export type Tower = z.infer<typeof towerSchema>;
export type Votes = z.infer<typeof votesSchema>;
