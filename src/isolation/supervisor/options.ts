/** What `supervise` is given, and what it refuses, where it is written. */
import type { z } from "zod";
import { faultChannels, type NodePolicy, type NodeRuntime } from "../../routing/index.ts";
import { supervisionChannels } from "./channels.ts";
import { defaultOf } from "./reset.ts";
import { autoShutdowns, type Rules, restartTypes, strategies } from "./rules.ts";

/** A compiled graph, whose state shares keys with the supervisor's. */
export interface ChildGraph {
  invoke(input: never, config?: never): Promise<unknown>;
}

type ChildFunction<State> = (state: State, runtime: NodeRuntime) => unknown;

export interface Child<State> {
  /** Its node's name. */
  readonly name: string;
  /** A plain node, which the supervisor guards, or a compiled subgraph. Neither handles what it cannot mend itself. */
  readonly run: ChildFunction<State> | ChildGraph;
  /**
   * permanent (default): started again whenever it has ended. transient: only after a failure. temporary: never, also
   * not together with its siblings.
   */
  readonly restart?: (typeof restartTypes)[number];
  /** Its end by itself may end the supervisor, see `autoShutdown`. Default false. */
  readonly significant?: boolean;
  /** State keys that are its alone: when it is stopped or restarted they get their defaults. Default none. */
  readonly owns?: readonly (keyof State & string)[];
  /** Whether there is anything for it to do. Asked at each start. Default always. */
  readonly when?: (state: State) => boolean;
  /**
   * Run when it is stopped while it runs, after its signal was aborted: release what it holds. May run twice after a
   * crash. What it throws is recorded and stops nobody.
   */
  readonly stop?: (state: State, runtime: NodeRuntime) => unknown;
  /**
   * Plain nodes only: transient faults are retried, with backoff, before the supervisor sees one. What is left out has
   * the default of `errorRoutes`. Default no retries.
   */
  readonly retry?: Partial<NodePolicy>;
}

export interface SupervisorOptions<Schema extends z.ZodObject> {
  /** For people: in events and errors. */
  readonly name: string;
  /** Spreads `supervisionChannels` and `faultChannels`. */
  readonly state: Schema;
  readonly context?: z.ZodObject;
  /** Default "one_for_one". */
  readonly strategy?: Rules["strategy"];
  /** More restarts than that within `periodMs` end the supervisor. Default 1. */
  readonly intensity?: number;
  /** Default 5,000 ms. */
  readonly periodMs?: number;
  /** Default "never". */
  readonly autoShutdown?: Rules["autoShutdown"];
  /** Started from first to last, stopped from last to first. */
  readonly children: readonly Child<z.infer<Schema>>[];
  /** The time in ms. Default Date.now. */
  readonly now?: () => number;
}

/** The supervisor's own nodes and its private channel. */
export const HUB = "supervisor";
export const ESCALATE = "escalate";
export const EXITS = "childExits";

export function rulesOf<Schema extends z.ZodObject>(options: SupervisorOptions<Schema>): Rules {
  return {
    strategy: options.strategy ?? "one_for_one",
    intensity: options.intensity ?? 1,
    periodMs: options.periodMs ?? 5_000,
    autoShutdown: options.autoShutdown ?? "never",
    children: options.children.map(({ name, restart = "permanent", significant = false, when }) => ({
      name,
      restart,
      significant,
      always: when === undefined,
    })),
  };
}

/** @throws RangeError that names the supervisor, the child and the field. */
export function checkOptions<Schema extends z.ZodObject>(
  { name, state, children }: SupervisorOptions<Schema>,
  rules: Rules,
): void {
  const refuse = (what: string): never => {
    throw new RangeError(`supervise(${name}): ${what}`);
  };
  const keys = Object.keys(state.shape);
  for (const key of ["supervision", "faults"])
    if (!keys.includes(key))
      refuse(`its state has no "${key}": spread supervisionChannels and faultChannels into it`);
  for (const key of [HUB, ESCALATE, EXITS])
    if (keys.includes(key))
      refuse(`its state has a key "${key}", a name that the supervisor has for itself: give it another`);

  const { strategy, intensity, periodMs, autoShutdown } = rules;
  oneOf("strategy", strategy, strategies, refuse);
  oneOf("autoShutdown", autoShutdown, autoShutdowns, refuse);
  if (!(Number.isSafeInteger(intensity) && intensity >= 0))
    refuse(`intensity must be a whole number from 0, got ${intensity}`);
  if (!(Number.isFinite(periodMs) && periodMs > 0))
    refuse(`periodMs must be a number above 0, got ${periodMs}`);

  if (children.length === 0) refuse("it has no children");
  const taken = new Set<string>([HUB, ESCALATE, ...keys]);
  const owned = new Map<string, string>();
  for (const { name: child, restart, significant = false, owns = [], retry, run } of children) {
    if (taken.has(child))
      refuse(
        `"${child}" is no name for a child: another child, a state key or the supervisor's own node has it`,
      );
    taken.add(child);
    oneOf(`restart of ${child}`, restart ?? "permanent", restartTypes, refuse);
    if (significant && (restart ?? "permanent") === "permanent")
      refuse(`${child} is permanent, so it cannot be significant: it never ends by itself`);
    if (significant && autoShutdown === "never")
      refuse(`${child} is significant, which means nothing as long as autoShutdown is "never"`);
    if (retry !== undefined && typeof run !== "function")
      refuse(
        `${child} is a subgraph, so it has no retry: one would run it from its start. Its nodes have theirs`,
      );
    for (const key of owns) {
      const other = owned.get(key);
      if (key in supervisionChannels || key in faultChannels)
        refuse(`${child} cannot own "${key}": what was counted there would begin anew with each restart`);
      if (other !== undefined)
        refuse(`"${key}" is owned by ${other} and ${child}: a restart of one would take it from the other`);
      if (defaultOf(state, key) === undefined)
        refuse(`${child} owns "${key}", for which the state has no default to go back to`);
      owned.set(key, child);
    }
  }
}

function oneOf(
  field: string,
  value: string,
  values: readonly string[],
  refuse: (what: string) => never,
): void {
  if (!values.includes(value)) refuse(`${field} must be one of ${values.join(", ")}, got ${value}`);
}
