/**
 * The supervisor itself: a node of code that takes its children's exits, asks the rules, and starts who is to run.
 *
 * It knows nothing of what its children do.
 */
import { Command, END } from "@langchain/langgraph";
import type { z } from "zod";
import { emit } from "../../events/index.ts";
import { classify, Fault, type FaultRecord, faultRecord, isControlFlow } from "../../faults/index.ts";
import { originalOf, rememberOriginal } from "../../routing/attempts.ts";
import type { FaultState, NodeRuntime } from "../../routing/index.ts";
import { outer, taskNamespace } from "../../routing/namespace.ts";
import { type Exits, exitId, pathOf, type Supervision } from "./channels.ts";
import type { Supervisor } from "./child.ts";
import { type Child, ESCALATE, EXITS, HUB } from "./options.ts";
import { cleanUpdate, cleanValues } from "./reset.ts";
import {
  type Change,
  type Exit,
  exited,
  goneOn,
  inTime,
  type Life,
  newLife,
  type Restart,
  type Rules,
  started,
} from "./rules.ts";

type HubState = FaultState & { supervision: Record<string, Supervision>; [EXITS]: Exits };

/** @param schema - The supervisor's state, for the defaults of what children own. */
export function hub<State>(supervisor: Supervisor, schema: z.ZodObject, children: readonly Child<State>[]) {
  const { name, rules, now } = supervisor;
  const owned = (names: readonly string[]) =>
    children.filter((child) => names.includes(child.name)).flatMap(({ owns = [] }) => owns);

  return async (state: State & HubState, runtime: NodeRuntime) => {
    const at = now();
    const visit = outer(taskNamespace(runtime));
    const path = pathOf(visit, name);
    const last = state.supervision[path];
    const turn = (last?.turn ?? 0) + 1;
    // Another visit is another life.
    const known = last?.visit === visit ? last : undefined;
    const wanted = (child: string, reset: readonly string[]) => {
      const when = children.find((one) => one.name === child)?.when;
      return when?.({ ...state, ...cleanValues(schema, owned(reset)) }) ?? true;
    };
    const exits = exitsOf(known, state[EXITS], at);
    const life = lifeOf(rules, known, state[EXITS]);
    const change = started(rules, exited(rules, life, exits), at, wanted);

    for (const { child, how } of exits.filter(
      (exit) => !change.stopped.some(({ child }) => child === exit.child),
    ))
      emit(runtime, { type: "child_ended", node: child, supervisor: name, how });
    const faults = known === undefined ? [] : await stopped(change, children, state, runtime, name, known);
    tell(change, rules, name, runtime);
    if (change.life.over === "restarts_spent" && known !== undefined)
      faults.push(escalated(supervisor, known, change.life, path, runtime));

    return new Command({
      goto:
        change.life.over === "restarts_spent" ? ESCALATE : change.start.length > 0 ? [...change.start] : END,
      update: {
        ...cleanUpdate(schema, owned(change.reset)),
        supervision: { [path]: { visit, turn, ...change.life } },
        faults,
      },
    });
  };
}

/** What comes after an end is another life, too, unless it is a child that nobody had started. */
function lifeOf(rules: Rules, known: Supervision | undefined, { turn, exits }: Exits): Life {
  if (known === undefined) return newLife(rules);
  if (known.over === "restarts_spent") return goneOn(known);
  const { children, restarts, over } = known;
  const stray = turn === known.turn && exits.length > 0;
  return stray || Object.values(children).includes("running") ? { children, restarts, over } : newLife(rules);
}

/** Of the children that were started. One that has reported nothing was cut off, and the run begun with new input. */
function exitsOf(known: Supervision | undefined, { turn, exits }: Exits, at: number): Exit[] {
  const reported = turn === known?.turn ? exits : [];
  const running = Object.entries(known?.children ?? {}).filter(([, state]) => state === "running");
  return inTime(
    running.map(
      ([child]) => reported.find((exit) => exit.child === child) ?? { child, at, how: "cancelled" },
    ),
  );
}

/** Lets those that were stopped release what they hold, last started first. @returns What failed in that. */
async function stopped<State>(
  change: Change,
  children: readonly Child<State>[],
  state: State,
  runtime: NodeRuntime,
  supervisor: string,
  known: Supervision,
): Promise<FaultRecord[]> {
  const faults: FaultRecord[] = [];
  for (const { child, because } of change.stopped) {
    let trouble: Fault | undefined;
    try {
      await children.find((one) => one.name === child)?.stop?.(state, runtime);
    } catch (thrown) {
      if (isControlFlow(thrown, runtime.signal)) throw thrown;
      trouble = classify(thrown);
      const id = `${exitId(known, child)}#stop`;
      faults.push({ ...faultRecord(trouble, { id, node: child, attempts: 1 }), route: HUB, settled: true });
    }
    emit(runtime, {
      type: "child_stopped",
      node: child,
      supervisor,
      because,
      trouble: trouble?.message,
    });
  }
  return faults;
}

function tell(
  { restarts, start }: Change & { start: readonly string[] },
  { intensity }: Rules,
  supervisor: string,
  runtime: NodeRuntime,
): void {
  for (const { child, restarted, count, category, code, message } of restarts) {
    const about = { node: child, supervisor, restarts: count, category, code, message };
    if (restarted.length === 0) emit(runtime, { type: "supervisor_gave_up", ...about });
    else emit(runtime, { type: "child_restarted", restarted, intensity, ...about });
  }
  for (const node of start) emit(runtime, { type: "child_started", node, supervisor });
}

/** The fault that the supervisor ends with, for the node that throws it: its parent sees a child that failed. */
function escalated(
  { name, rules: { intensity, periodMs } }: Supervisor,
  known: Supervision,
  { restarts }: Life,
  path: string,
  runtime: NodeRuntime,
): FaultRecord {
  const last = restarts.at(-1) as Restart;
  const { child, category, code, message } = last;
  const fault = new Fault(
    category,
    "restarts_spent",
    `${name}: more than ${intensity} restarts in ${periodMs} ms, the last one of ${child}: ${message}`,
    {
      cause: originalOf(runtime, exitId(known, child)) ?? new Fault(category, code, message),
      details: { supervisor: path, child, code, restarts: restarts.length },
    },
  );
  const id = `${exitId(known, child)}#restarts_spent`;
  rememberOriginal(runtime, id, fault);
  return {
    ...faultRecord(fault, { id, node: HUB, attempts: restarts.length }),
    route: ESCALATE,
    visit: taskNamespace(runtime),
  };
}
