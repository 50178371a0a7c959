/**
 * The error handler that `errorRoutes` gives to a node: it asks the table and goes there.
 *
 * It answers with `Command({ goto })` and never throws: a handler's plain update ends the branch without following an
 * edge (B7), and a handler that throws ends the thread for good (B18). It may run twice for one fault (P25), under the
 * same task id, and then writes the same.
 */
import { Command, type LangGraphRunnableConfig, type NodeError, Send } from "@langchain/langgraph";
import { emit } from "../events/index.ts";
import { classify, type Fault, type FaultRecord, faultRecord } from "../faults/index.ts";
import { crashPoint } from "../recovery/index.ts";
import { attemptsOf, rememberOriginal, spentSince, withRetries } from "./attempts.ts";
import type { FaultState } from "./channels.ts";
import { faultState } from "./fault-state.ts";
import { failedNamespace, failedTask } from "./namespace.ts";
import { retried } from "./records.ts";
import { sendAgain, wasSent } from "./sent.ts";
import { decide, LIMIT, type Routes } from "./table.ts";
import { goingOn, visitOf, withoutVisit, withVisit } from "./visit.ts";

export type ErrorHandler<Node extends string> = (
  state: FaultState,
  error: NodeError,
  config?: LangGraphRunnableConfig,
) => Command<unknown, FaultState, Node>;

export function handler<Node extends string>(routes: Routes<Node>): ErrorHandler<Node> {
  return (state, { node, error }, config) => {
    const { rounds, spent } = faultState(config, state);
    const self = node as Node;
    if (rounds === undefined) {
      // No bound can be counted, and no fault be told: the last row's node says so.
      const why = "the state has no fault channels";
      const { category, code } = classify(error);
      emit(config, { type: "routed", node, category, code, to: routes.unexpected, why, round: 1 });
      return new Command({ goto: routes.unexpected });
    }
    const sent = wasSent(config);
    const visit = visitOf(config, node, state, failedNamespace(config));
    if (error.name === "AbortError") {
      // A sibling's failure cancelled it (B3): it never failed, and resumes here in place of its own body.
      const counter = `${node}:cancelled`;
      const round = (rounds[counter] ?? 0) + 1;
      const goto = sent ? new Send(self, withVisit(state, visit)) : self;
      const visits = sent ? {} : { [node]: goingOn(config, visit) };
      if (round <= LIMIT) return new Command({ goto, update: { rounds: { [counter]: round }, visits } });
    }

    const fault = classify(error);
    const taskId = failedTask(config);
    const attempts = attemptsOf(config, taskId);
    const seen = attempts.at(-1);
    // The last attempt is not among them when it timed out, or when its process is gone.
    const earlier =
      seen !== undefined && (seen === error || seen === error.cause) ? attempts.slice(0, -1) : attempts;
    const attempt = earlier.length + 1;
    if (error.name === "NodeTimeoutError")
      emit(config, { type: "attempt_failed", node, attempt, ...said(fault) });
    const { category, to, why, counter, round } = decide(routes, node, fault, rounds);
    const id = config?.executionInfo?.taskId ?? `${counter}:${round}`;
    rememberOriginal(config, id, fault);
    emit(config, { type: "routed", node, category, code: fault.code, to, why, round });

    const before = retried(node, taskId, earlier, withRetries(config, rounds), spentSince(config, spent));
    // In the category it ended in: a transient fault whose retries are spent is compensable from here on.
    const record: FaultRecord = {
      ...faultRecord(fault, { id, node, attempts: attempt }),
      category,
      route: to,
    };
    // The model's row never goes back to the node by its record.
    if (category !== "llm-recoverable") record.visit = visit;
    if (sent && category !== "llm-recoverable") record.sent = withoutVisit(state);
    crashPoint("inside-error-handler");
    return new Command({
      goto: sent && to === self ? sendAgain(self, withoutVisit(state), record) : to,
      update: {
        faults: [...before.faults, record],
        rounds: { ...before.rounds, [counter]: round },
        spent: before.spent,
      },
    });
  };
}

const said = ({ category, code, message }: Fault) => ({ category, code, message });
