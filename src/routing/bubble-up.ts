/**
 * The node at the end of the table: it throws what nobody may mend but the developer.
 *
 * A handler must not throw (the thread would be over, measured on LangGraph 1.7.3: B18), so it goes here instead.
 * Add it with `{ defer: true }`: a deferred node runs when the other branches are done, so that the throw cancels
 * none of them. Run again after the fix, by `invoke(null)`, it goes back to the failed node, and only that runs, under
 * the effect keys that it had: what it had done before it failed is not done again.
 */
import { randomUUID } from "node:crypto";
import { Command, task } from "@langchain/langgraph";
import { emit } from "../events/index.ts";
import { Fault, type FaultRecord } from "../faults/index.ts";
import { originalOf } from "./attempts.ts";
import type { FaultState } from "./channels.ts";
import { type NodeRuntime, nodeName } from "./guarded.ts";
import { openFaults } from "./records.ts";
import { backTo, dealtWith } from "./sent.ts";
import { goingOn, withVisit } from "./visit.ts";

/**
 * Remembers, as a pending write of the throwing task, who threw: LangGraph replays a finished task's result when its
 * node runs again, so only the first caller gets its own mark back.
 */
const firstCaller = task({ name: "__bubble_up_first_run" }, async (mark: string) => mark);

/**
 * Makes the node. It stands without `routed()`: it is the one node whose failure is meant to reach the caller.
 *
 * @returns A node that rejects with the fault once for each run in which the failed node failed: with its cause when
 *   this run threw it, else rebuilt from its record. Several at once reject as an AggregateError.
 */
export function bubbleUp(): (
  state: FaultState,
  runtime: NodeRuntime,
) => Promise<Command<unknown, FaultState, string>> {
  const node = async (state: FaultState, runtime: NodeRuntime) => {
    const self = nodeName(runtime);
    const open = openFaults(runtime, state, self);
    const first = open[0];
    if (first === undefined)
      throw new Fault(
        "unexpected",
        "no_fault",
        `${self} was reached without a fault in state: spread faultChannels into the graph's state, and let no edge lead here`,
      );

    const mark = randomUUID();
    if ((await firstCaller(mark)) === mark) {
      for (const { node, category, code, message } of open) {
        emit(runtime, { type: "bubbled_up", node, category, code, message });
      }
      const faults = open.map((record) => again(record, originalOf(runtime, record.id)));
      throw faults.length === 1 ? faults[0] : new AggregateError(faults, `${faults.length} nodes failed`);
    }
    return new Command({
      goto: open.map((record) => backTo(record, withVisit(record.sent, record.visit))),
      update: {
        faults: open.map((record) => ({ ...dealtWith(record), settled: true })),
        visits: Object.fromEntries(
          open.flatMap(({ node, visit, sent }) =>
            visit === undefined || sent !== undefined ? [] : [[node, goingOn(runtime, visit)]],
          ),
        ),
      },
    });
  };
  made.add(node);
  return node;
}

const made = new WeakSet<object>();

/** For the audit: true for a node that {@link bubbleUp} made. */
export const isBubbleUp = (node: object): boolean => made.has(node);

/**
 * A fresh object, since LangGraph 1.7.3 takes an error that a handler has dealt with for handled wherever the same
 * object is thrown later in the run, and ends the run as if nothing had happened.
 */
function again({ category, code, message, details }: FaultRecord, original: Fault | undefined): Fault {
  return new Fault(category, code, message, {
    ...(original === undefined ? {} : { cause: original.cause }),
    ...(details === undefined ? {} : { details }),
  });
}
