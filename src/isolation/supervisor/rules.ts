/**
 * OTP's supervision principles as pure functions: a supervisor's children and what they ended with go in; which to
 * stop, start anew, or escalate comes out.
 *
 * No graph, no clock and no state here, so that every rule can be tested alone. Source: Erlang/OTP, "Supervisor
 * Behaviour" and stdlib's `supervisor`. What is not OTP's: `wanted`, and an exit that is `cancelled`.
 */
import type { Category } from "../../faults/index.ts";

export const strategies = ["one_for_one", "one_for_all", "rest_for_one"] as const;
export const restartTypes = ["permanent", "transient", "temporary"] as const;
export const autoShutdowns = ["never", "any_significant", "all_significant"] as const;

export interface ChildRules {
  readonly name: string;
  readonly restart: (typeof restartTypes)[number];
  readonly significant: boolean;
  /** False: it is asked at each start whether the child is wanted. */
  readonly always: boolean;
}

export interface Rules {
  readonly strategy: (typeof strategies)[number];
  /** So many restarts within the period are fine. One more ends the supervisor. */
  readonly intensity: number;
  readonly periodMs: number;
  readonly autoShutdown: (typeof autoShutdowns)[number];
  /** In start order. */
  readonly children: readonly ChildRules[];
}

export interface Failure {
  category: Category;
  code: string;
  message: string;
}

/** How a child ended, and when, in ms since the epoch. */
export type Exit = { child: string; at: number } & (
  | { how: "normal" }
  | { how: "failed"; failure: Failure }
  /** It was cut off, and no exit of a sibling says why: it starts again and nothing is counted. */
  | { how: "cancelled" }
);

/** The child that ended, and why. */
export interface Restart extends Failure {
  child: string;
  at: number;
  /** It, and the siblings that are started anew with it, in start order. */
  restarted: string[];
}

/** A supervisor from its start to its end. */
export interface Life {
  /** waiting: not started yet, or to be started anew. ended: by itself. gone: a temporary one, never started again. */
  children: Record<string, "waiting" | "running" | "ended" | "gone">;
  /** Those within the period, oldest first: never more than `intensity` + 1. */
  restarts: Restart[];
  /** Why it has come to its end. */
  over?: "shut_down" | "restarts_spent" | undefined;
}

/** What comes of the exits. */
export interface Change {
  readonly life: Life;
  /** Running children that are stopped, in that order: the reverse of their start. */
  readonly stopped: readonly { readonly child: string; readonly because: string }[];
  /** Children whose state is to be as if they had never run. */
  readonly reset: readonly string[];
  /** With how many of them are within the period then. */
  readonly restarts: readonly (Restart & { readonly count: number })[];
}

export const newLife = ({ children }: Rules): Life => ({
  children: Object.fromEntries(children.map(({ name }) => [name, "waiting"])),
  restarts: [],
});

/**
 * In time. At the same moment a normal end comes first: that child escaped what a failure does to its siblings. Who was
 * cut off comes last: the failure that did it stands before, also when another process told of it again, later.
 */
export const inTime = (exits: readonly Exit[]): Exit[] =>
  [...exits].sort(
    (a, b) =>
      Number(a.how === "cancelled") - Number(b.how === "cancelled") ||
      a.at - b.at ||
      Number(a.how === "failed") - Number(b.how === "failed"),
  );

/** Takes each exit in its turn, as OTP takes its messages. The exit of a child that was stopped before says nothing. */
export function exited(rules: Rules, life: Life, exits: readonly Exit[]): Change {
  const unchanged: Change = { life, stopped: [], reset: [], restarts: [] };
  return inTime(exits).reduce((change, exit) => exitedOne(rules, change, exit), unchanged);
}

function exitedOne(rules: Rules, change: Change, exit: Exit): Change {
  const child = rules.children.find(({ name }) => name === exit.child);
  const { life } = change;
  if (child === undefined || life.children[child.name] !== "running") return change;
  if (exit.how === "cancelled")
    return { ...become(change, { [child.name]: "waiting" }), reset: [...change.reset, child.name] };

  const ended = become(change, { [child.name]: child.restart === "temporary" ? "gone" : "ended" });
  if (exit.how === "failed" && child.restart !== "temporary")
    return restart(rules, ended, child, exit.at, exit.failure);
  if (child.restart === "permanent" && child.always) return restart(rules, ended, child, exit.at);
  return autoShutdown(rules, ended, child);
}

/**
 * Starts what waits and is wanted, from left to right. A permanent child that had ended, and that is wanted, is
 * restarted first.
 *
 * @param wanted - Asked with the children that are reset until then.
 */
export function started(
  rules: Rules,
  before: Change,
  at: number,
  wanted: (child: string, reset: readonly string[]) => boolean,
): Change & { readonly start: readonly string[] } {
  let change = before;
  for (const child of rules.children) {
    const { over, children } = change.life;
    if (over !== undefined || child.restart !== "permanent" || children[child.name] !== "ended") continue;
    if (wanted(child.name, change.reset)) change = restart(rules, change, child, at);
  }
  const { life, reset } = change;
  const start = names(rules, (name) => life.children[name] === "waiting" && wanted(name, reset));
  if (life.over !== undefined) return { ...change, start: [] };
  return { ...become(change, Object.fromEntries(start.map((name) => [name, "running"]))), start };
}

/** The life that follows when somebody has mended what ended this one: nothing is counted any more. */
export const goneOn = ({ children }: Life): Life => ({ children, restarts: [] });

function restart(rules: Rules, change: Change, child: ChildRules, at: number, failure?: Failure): Change {
  const { name } = child;
  const isAffected = strategyOf(rules, name);
  const { children } = change.life;
  // A sibling that has not been started has nothing to lose, and a temporary one is not started again.
  const restarted = names(
    rules,
    (other, { restart }) =>
      other === name ||
      (restart !== "temporary" &&
        isAffected(other) &&
        (children[other] === "running" || children[other] === "ended")),
  );
  const past = change.life.restarts.filter((one) => one.at >= at - rules.periodMs);
  const spent = past.length >= rules.intensity;
  const entry: Restart = {
    child: name,
    at,
    restarted: spent ? [] : restarted,
    ...(failure ?? unwantedEnd(name)),
  };
  const life: Life = { ...change.life, restarts: [...past, entry] };
  const count = life.restarts.length;
  const counted: Change = { ...change, life, restarts: [...change.restarts, { ...entry, count }] };

  if (spent) {
    const over: Change = {
      ...counted,
      life: { ...life, over: "restarts_spent" },
      reset: [...change.reset, name],
    };
    return stop(rules, become(over, { [name]: "waiting" }), name, () => true);
  }
  const stopped = stop(rules, counted, name, isAffected);
  return {
    ...become(stopped, Object.fromEntries(restarted.map((other) => [other, "waiting"]))),
    reset: [...new Set([...stopped.reset, ...restarted])],
  };
}

function strategyOf({ strategy, children }: Rules, failed: string): (name: string) => boolean {
  if (strategy === "one_for_all") return () => true;
  if (strategy === "one_for_one") return (name) => name === failed;
  const order = children.map(({ name }) => name);
  return (name) => order.indexOf(name) >= order.indexOf(failed);
}

const unwantedEnd = (name: string): Failure => ({
  category: "unexpected",
  code: "ended",
  message: `${name} ended, which a permanent child must not`,
});

function autoShutdown(rules: Rules, change: Change, child: ChildRules): Change {
  if (rules.autoShutdown === "never" || !child.significant) return change;
  const last = rules.children.every(({ name, significant }) => {
    const state = change.life.children[name];
    return !significant || state === "ended" || state === "gone";
  });
  if (rules.autoShutdown === "all_significant" && !last) return change;
  const over = { ...change, life: { ...change.life, over: "shut_down" as const } };
  return stop(rules, over, child.name, () => true);
}

/** Stops those of the running children, last started first. Their state is as if they had never run. */
function stop(rules: Rules, change: Change, because: string, isAffected: (name: string) => boolean): Change {
  const running = names(rules, (name) => isAffected(name) && change.life.children[name] === "running");
  const fate = rules.children
    .filter(({ name }) => running.includes(name))
    .map(({ name, restart }) => [name, restart === "temporary" ? "gone" : "waiting"]);
  return {
    ...become(change, Object.fromEntries(fate)),
    stopped: [...change.stopped, ...running.reverse().map((child) => ({ child, because }))],
    reset: [...change.reset, ...running],
  };
}

function become(change: Change, children: Life["children"]): Change {
  return { ...change, life: { ...change.life, children: { ...change.life.children, ...children } } };
}

/** In start order. */
function names({ children }: Rules, is: (name: string, child: ChildRules) => boolean): string[] {
  return children.filter((child) => is(child.name, child)).map(({ name }) => name);
}
