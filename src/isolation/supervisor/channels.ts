/**
 * The state channel that supervisors keep: each one's children, and its restarts within the period.
 *
 * Spread `supervisionChannels` into a supervisor's `z.object` state, beside `faultChannels`. Spread them into the outer
 * graph's state too where the last state of a supervisor shall be seen there: a supervisor always counts its own life
 * only. It lives in checkpoints, so a crash gives no fresh intensity.
 */
import { registry } from "@langchain/langgraph/zod";
import { z } from "zod";
import { categories } from "../../faults/index.ts";
import type { Exit, Life } from "./rules.ts";

/** One supervisor as state has it. */
export interface Supervision extends Life {
  /** The checkpoint namespace that it runs in. Another one is another life. */
  visit: string;
  /** Counts the supervisor's turns, over all its lives. */
  turn: number;
}

/** Where a supervisor stands: the names of the nodes down to it. Its own name when it runs by itself. */
export function pathOf(visit: string, name: string): string {
  const nodes = visit.split("|").map((task) => task.split(":")[0]);
  return visit === "" ? name : nodes.join("/");
}

const failureShape = { category: z.enum(categories), code: z.string(), message: z.string() };

const supervisionSchema: z.ZodType<Supervision, Supervision> = z.object({
  visit: z.string(),
  turn: z.number(),
  children: z.record(z.string(), z.enum(["waiting", "running", "ended", "gone"])),
  restarts: z.array(
    z.object({ child: z.string(), at: z.number(), restarted: z.array(z.string()), ...failureShape }),
  ),
  over: z.enum(["shut_down", "restarts_spent"]).optional(),
});

/** Turns only grow, so the later one of a supervisor is the newer, also where a subgraph hands up an old copy. */
export function mergeSupervision(
  kept: Record<string, Supervision>,
  added: Record<string, Supervision>,
): Record<string, Supervision> {
  const merged = { ...kept };
  for (const [path, one] of Object.entries(added)) {
    if (one.turn >= (merged[path]?.turn ?? 0)) merged[path] = one;
  }
  return merged;
}

export const supervisionChannels = {
  supervision: z
    .record(z.string(), supervisionSchema)
    .default(() => ({}))
    .describe("Each supervisor's children and its latest restarts, by its place in the graph")
    .register(registry, { reducer: { fn: mergeSupervision }, default: () => ({}) }),
};

/** How a child's end is known, in `faults` too. */
export const exitId = ({ visit, turn }: Supervision, child: string): string => `${visit}#${turn}#${child}`;

/** What children ended with in one turn of their supervisor. Private to its graph. */
export interface Exits {
  turn: number;
  exits: Exit[];
}

const exit = { child: z.string(), at: z.number() };
const exitsSchema: z.ZodType<Exits, Exits> = z.object({
  turn: z.number(),
  exits: z.array(
    z.discriminatedUnion("how", [
      z.object({ how: z.literal("normal"), ...exit }),
      z.object({ how: z.literal("failed"), failure: z.object(failureShape), ...exit }),
      z.object({ how: z.literal("cancelled"), ...exit }),
    ]),
  ),
});

const noExits = (): Exits => ({ turn: 0, exits: [] });

function mergeExits(kept: Exits, added: Exits): Exits {
  return added.turn === kept.turn ? { ...kept, exits: [...kept.exits, ...added.exits] } : added;
}

export const exitsChannel = exitsSchema
  .default(noExits)
  .describe("How the children of the supervisor's last turn ended")
  .register(registry, { reducer: { fn: mergeExits }, default: noExits });
