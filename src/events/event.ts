/**
 * What LangGraph's own stream hides: retries, waits, routes, questions and undo steps, as one typed union.
 *
 * The kit emits these through LangGraph's stream writer (`streamMode: "custom"`), so any client of the graph
 * (a terminal, Studio, an SDK) can follow a recovery while it happens. Not a log and not state: an event that
 * nobody listens to is gone; what must be remembered stands in the `faults` channel.
 */
import type { Category } from "../faults/index.ts";

interface Named {
  /** The node that the event is about. */
  readonly node: string;
}

interface Failure extends Named {
  readonly category: Category;
  readonly code: string;
  readonly message: string;
}

export type FaultlineEvent =
  | ({ readonly type: "attempt_failed"; readonly attempt: number } & Failure)
  | ({
      readonly type: "waiting";
      readonly attempt: number;
      readonly ms: number;
      readonly reason: "backoff" | "retry_after";
    } & Named)
  | ({
      readonly type: "routed";
      readonly category: Category;
      readonly code: string;
      readonly to: string;
      readonly why: string;
      readonly round: number;
    } & Named)
  | ({ readonly type: "human_asked"; readonly question: string } & Named)
  | ({ readonly type: "human_answered"; readonly answer: string } & Named)
  | ({ readonly type: "step_done"; readonly step: string } & Named)
  | ({ readonly type: "step_undone"; readonly step: string } & Named)
  | ({ readonly type: "step_stuck"; readonly step: string; readonly message: string } & Named)
  | ({ readonly type: "bubbled_up" } & Failure)
  | BreakerEvent
  | SupervisorEvent
  | ConsensusEvent
  | ({
      readonly type: "call_refused";
      /** The breaker or the bulkhead. */
      readonly by: string;
      readonly code: "circuit_open" | "bulkhead_full";
      readonly retryAfterMs: number | undefined;
    } & Named);

/** The node is the one whose call brought the change about; empty when no call did. */
export type BreakerEvent = Named & { readonly breaker: string } & (
    | {
        readonly type: "breaker_opened";
        /** Until a probe may be made. Undefined: held open by hand. */
        readonly retryAfterMs: number | undefined;
      }
    | { readonly type: "breaker_half_open" }
    | { readonly type: "breaker_closed" }
    /** The shared state cannot be reached: from here on the breaker knows of its own calls only. */
    | { readonly type: "breaker_alone"; readonly message: string }
  );

/** The node is the child. */
export type SupervisorEvent = Named & { readonly supervisor: string } & (
    | { readonly type: "child_started" }
    | { readonly type: "child_ended"; readonly how: "normal" | "failed" | "cancelled" }
    | {
        readonly type: "child_stopped";
        /** The sibling whose end stopped it. */
        readonly because: string;
        /** What its `stop` failed with. */
        readonly trouble: string | undefined;
      }
    | {
        readonly type: "child_restarted";
        /** It, and the siblings that are restarted with it, in their start order. */
        readonly restarted: readonly string[];
        /** Restarts within the period, this one included. More than `intensity` end the supervisor. */
        readonly restarts: number;
        readonly intensity: number;
        readonly category: Category;
        readonly code: string;
        readonly message: string;
      }
    | {
        readonly type: "supervisor_gave_up";
        readonly restarts: number;
        readonly category: Category;
        readonly code: string;
        readonly message: string;
      }
  );

/** What an eye outside the error context saw. */
export type ConsensusEvent = Named &
  (
    | {
        /** An answer was discarded. As votes cast, said again when the node is tried again. */
        readonly type: "red_flag";
        readonly code: string;
        readonly message: string;
        /** The vote that it was a sample of, and its number, from 1. */
        readonly vote?: string;
        readonly sample?: number;
      }
    | {
        readonly type: "vote_cast";
        readonly vote: string;
        readonly sample: number;
        readonly model: string;
        /** The canonical form of the answer. */
        readonly candidate: string;
      }
    | ({ readonly type: "vote_decided"; readonly winner: string } & Count)
    | ({
        readonly type: "vote_undecided";
        readonly code: "vote_tied" | "no_quorum" | "vote_spent";
      } & Count)
    | {
        readonly type: "false_consensus";
        readonly vote: string;
        readonly why: "too_unanimous" | "inspector_disagrees";
        readonly message: string;
      }
    | {
        readonly type: "judged";
        readonly by: "inspector" | "challenger";
        readonly gate: string;
        readonly verdict: "pass" | "amend" | "reject";
        readonly reasons: readonly string[];
      }
  );

interface Count {
  readonly vote: string;
  readonly rule: string;
  /** By candidate. */
  readonly votes: Readonly<Record<string, number>>;
  /** Samples, discarded ones too. */
  readonly drawn: number;
  readonly discarded: number;
}

/** The part of a node's second argument that events need. LangGraph's Runtime has it. */
export interface EventRuntime {
  readonly writer?: ((chunk: unknown) => void) | undefined;
}

/** Sends one event to whoever streams this run. Does nothing when nobody does. */
export function emit(runtime: EventRuntime | undefined, event: FaultlineEvent): void {
  runtime?.writer?.({ faultline: event });
}

/** The event inside a chunk of the "custom" stream, or undefined when the chunk is somebody else's. */
export function eventOf(chunk: unknown): FaultlineEvent | undefined {
  if (typeof chunk !== "object" || chunk === null || !("faultline" in chunk)) return undefined;
  return chunk.faultline as FaultlineEvent;
}
