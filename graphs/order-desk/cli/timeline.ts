/**
 * Tells a ticket's run as entries: what was done, what failed, who mended it, what was undone. Pure data in and out;
 * `entry-line.ts` turns an entry into a line.
 *
 * One narrator a ticket, since who mended a fault is known only once the node that failed has come through.
 */
import type { FaultlineEvent } from "#src/events/index.ts";
import type { Category, FaultRecord } from "#src/faults/index.ts";
import type { DeskEvent } from "../desk.ts";
import { mender } from "./paint.ts";
import { stepWords } from "./step-words.ts";

export type Mark =
  | "done"
  | "failed"
  | "waits"
  | "routed"
  | "asks"
  | "answered"
  | "undone"
  | "stuck"
  | "bubbled";

export interface Entry {
  readonly node: string;
  readonly mark: Mark;
  readonly text: string;
  /** Colours the entry. */
  readonly category?: Category;
  /** Who mended what had failed in this node, now that it came through. */
  readonly mendedBy?: Category;
  /** Nothing went wrong here: left out where lines are few. */
  readonly routine: boolean;
}

export type Narrator = (event: DeskEvent) => Entry[];

export function createNarrator(): Narrator {
  /** By node, the category that its last fault was routed as, until it comes through. */
  const open = new Map<string, Category>();
  /** By node, what it last failed with: the same again is not told at length. */
  const lastFailure = new Map<string, string>();

  function told(event: FaultlineEvent): Entry[] {
    const { node } = event;
    switch (event.type) {
      case "attempt_failed": {
        const { code, category, message } = event;
        const words = `${code}: ${message}`;
        const again = lastFailure.get(node) === words;
        lastFailure.set(node, words);
        // What a person is to be asked follows as a question.
        const text = again ? `${code} again` : category === "user-fixable" ? code : words;
        return [{ ...trouble(node, "failed", category), text }];
      }
      case "waiting":
        return [{ ...trouble(node, "waits", "transient"), text: waits(event) }];
      case "routed": {
        if (event.category !== "compensable") open.set(node, event.category);
        const again = event.round > 1 ? ` (round ${event.round})` : "";
        return [{ ...trouble(node, "routed", event.category), text: `to ${event.to}: ${event.why}${again}` }];
      }
      case "human_asked":
        return [{ ...trouble(node, "asks", "user-fixable"), text: event.question }];
      case "human_answered":
        return [{ ...trouble(node, "answered", "user-fixable"), text: event.answer }];
      case "step_done":
        return [{ node, mark: "done", text: event.step, routine: true }];
      case "step_undone":
        open.set(node, "compensable");
        return [{ ...trouble(node, "undone", "compensable"), text: event.step }];
      case "step_stuck":
        return [{ ...trouble(node, "stuck", "compensable"), text: `${event.step}: ${event.message}` }];
      case "bubbled_up":
        open.delete(node);
        return [{ ...trouble(node, "bubbled", event.category), text: event.code }];
      case "breaker_opened":
        return [{ ...trouble(node, "routed", "transient"), text: `opens the breaker of ${event.breaker}` }];
      case "breaker_closed":
        return [{ node, mark: "done", text: `closes the breaker of ${event.breaker}`, routine: false }];
      case "breaker_half_open":
      case "breaker_alone":
      case "call_refused":
        return []; // The attempt that it fails tells of it.
      case "child_restarted": {
        const { category, code, restarts, intensity } = event;
        return [
          {
            ...trouble(node, "routed", category),
            text: `started anew (${restarts} of ${intensity}): ${code}`,
          },
        ];
      }
      case "red_flag": {
        const of = event.sample === undefined ? "" : ` of sample ${event.sample}`;
        return [{ ...trouble(node, "failed", "llm-recoverable"), text: `red flag${of}: ${event.message}` }];
      }
      case "vote_decided": {
        const { rule, votes, discarded } = event;
        const counts = Object.values(votes).join(" to ");
        const odd = discarded === 0 ? "" : `, ${discarded} discarded`;
        return [{ node, mark: "done", text: `vote, ${rule}: ${counts}${odd}`, routine: false }];
      }
      case "false_consensus":
        return [{ ...trouble(node, "failed", "llm-recoverable"), text: `false consensus: ${event.message}` }];
      case "vote_cast":
      case "vote_undecided":
      case "judged":
        return []; // The vote's end, or the fault of a refusal, tells of it.
      case "child_started":
      case "child_ended":
      case "child_stopped":
      case "supervisor_gave_up":
        return []; // Attempts, restarts and what bubbles up tell of it.
    }
  }

  function finished(node: string, update: Record<string, unknown>): Entry[] {
    const words = stepWords(node, update);
    const routed = open.get(node);
    // An undo takes many visits of its node; the last one, which has something to say, ends it.
    if (words === undefined && routed === "compensable") return [];
    open.delete(node);
    lastFailure.delete(node);
    const mendedBy = routed ?? (wasRetried(node, update) ? "transient" : undefined);
    if (words === undefined && mendedBy === undefined) return [];
    const text = words ?? "came through";
    return [{ node, mark: "done", text, routine: mendedBy === undefined, ...(mendedBy ? { mendedBy } : {}) }];
  }

  return (event) => (event.kind === "fault" ? told(event.event) : finished(event.node, event.update));
}

function trouble(node: string, mark: Mark, category: Category): Omit<Entry, "text"> {
  return { node, mark, category, routine: false };
}

function wasRetried(node: string, { faults }: Record<string, unknown>): boolean {
  // The hub's first update is no list: it clears what earlier cases left.
  if (!Array.isArray(faults)) return false;
  return (faults as FaultRecord[]).some((fault) => fault.node === node && fault.route === "retried");
}

function waits({ ms, reason, attempt }: Extract<FaultlineEvent, { type: "waiting" }>): string {
  const asked = reason === "retry_after" ? ", as the other side asked" : "";
  return `${mender.transient} waits ${ms} ms${asked}, then attempt ${attempt}`;
}
