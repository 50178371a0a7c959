/**
 * Children that run side by side in one superstep, so that the failure of one stops those that its supervisor's strategy
 * stops at once, and not when they are through.
 *
 * Kept beside the run, like the attempts of routing: a process that takes the thread over finds what counts in state,
 * and only stops later. What is decided here is decided once more, from state, by the supervisor's next turn.
 */
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { besideRun } from "../../routing/run-memory.ts";
import type { Supervision } from "./channels.ts";
import { type Exit, exited, type Rules } from "./rules.ts";

interface Superstep {
  readonly turn: number;
  readonly exits: Map<string, Exit>;
  readonly running: Map<string, AbortController>;
}

/** By the namespace that the supervisor runs in. */
const superstepsOf = besideRun(() => new Map<string, Superstep>());

function superstepOf(config: LangGraphRunnableConfig | undefined, { visit, turn }: Supervision): Superstep {
  const visits = superstepsOf(config);
  const known = visits.get(visit);
  if (known?.turn === turn) return known;
  const fresh: Superstep = { turn, exits: new Map(), running: new Map() };
  visits.set(visit, fresh);
  return fresh;
}

/** @returns The signal that stops the child. Aborted already when a sibling failed before. */
export function begins(
  config: LangGraphRunnableConfig | undefined,
  rules: Rules,
  supervision: Supervision,
  child: string,
): AbortSignal {
  const superstep = superstepOf(config, supervision);
  const stop = new AbortController();
  superstep.exits.delete(child);
  superstep.running.set(child, stop);
  stopWhoMust(rules, supervision, superstep);
  return stop.signal;
}

/** The child has ended. Stops those siblings that end with it. */
export function ends(
  config: LangGraphRunnableConfig | undefined,
  rules: Rules,
  supervision: Supervision,
  exit: Exit,
): void {
  const superstep = superstepOf(config, supervision);
  superstep.exits.set(exit.child, exit);
  stopWhoMust(rules, supervision, superstep);
}

/** The child leads out of the supervisor, whose run is over: LangGraph drops what its siblings would have written. */
export function leftBy(
  config: LangGraphRunnableConfig | undefined,
  supervision: Supervision,
  child: string,
): void {
  for (const [sibling, stop] of superstepOf(config, supervision).running) {
    if (sibling !== child) stop.abort(new Stopped(`${sibling} is stopped: ${child} left their supervisor`));
  }
}

function stopWhoMust(rules: Rules, supervision: Supervision, { exits, running }: Superstep): void {
  for (const { child, because } of exited(rules, supervision, [...exits.values()]).stopped) {
    running.get(child)?.abort(new Stopped(`${child} is stopped by its supervisor, because of ${because}`));
  }
}

/** An abort like others, for whoever looks at the signal's reason. */
class Stopped extends Error {
  override readonly name = "AbortError";
}
