/** Errors by the name of their class, which survives a checkpoint and a second copy of a package. */
import { namesOf } from "../read.ts";
import type { Rule, Verdict } from "../verdict.ts";

/**
 * An abort is transient: if this run was stopped, `isControlFlow` has let it through before. What is left was
 * stopped by somebody else, which says nothing about the work, so it is done again.
 */
export const abortNames: ReadonlySet<string> = new Set([
  "AbortError",
  "ModelAbortError",
  "APIUserAbortError",
]);

const aborted: Verdict = { category: "transient", code: "aborted" };
const timeout: Verdict = { category: "transient", code: "timeout" };

const verdicts: Readonly<Record<string, Verdict>> = {
  ...Object.fromEntries([...abortNames].map((name) => [name, aborted])),
  TimeoutError: timeout, // DOMException, AbortSignal.timeout, LangChain for APIConnectionTimeoutError
  APIConnectionTimeoutError: timeout,
  NodeTimeoutError: { category: "transient", code: "node_timeout" },

  // Another process runs the thread (checkpoints/lease-errors.ts). Nothing that this one could still do is allowed.
  LeaseHeldError: { category: "unexpected", code: "lease_held" },
  LeaseLostError: { category: "unexpected", code: "lease_lost" },

  // The model's output
  OutputParserException: { category: "llm-recoverable", code: "output_parsing_failure" },
  ToolInputParsingException: { category: "llm-recoverable", code: "tool_input_invalid" },
  ModelRefusalError: { category: "llm-recoverable", code: "model_refusal" },
  LengthFinishReasonError: { category: "llm-recoverable", code: "output_too_long" },
  ContentFilterFinishReasonError: { category: "llm-recoverable", code: "content_filtered" },
  SyntaxError: { category: "llm-recoverable", code: "json_invalid" }, // JSON.parse; see schemaRule for the reason

  // The graph. A loop that reaches the recursion limit has no bound of its own, or the limit is too small: both are
  // the developer's to mend, and undoing what was done would lose a thread that `invoke(null)` can carry on.
  GraphRecursionError: { category: "unexpected", code: "graph_recursion_limit" },
  GraphValueError: { category: "unexpected", code: "graph_value_error" },
  InvalidUpdateError: { category: "unexpected", code: "invalid_update" },
  EmptyInputError: { category: "unexpected", code: "empty_input" },
  UnknownInterruptError: { category: "unexpected", code: "unknown_interrupt" },
  InsufficientQuotaError: { category: "unexpected", code: "insufficient_quota" }, // LangChain's name for it
  // Every try sends the same prompt, so neither a wait nor the model mends it.
  ContextOverflowError: { category: "unexpected", code: "context_overflow" },
};

export const nameRule: Rule = (thrown) => {
  const known = namesOf(thrown).find((name) => Object.hasOwn(verdicts, name));
  return known === undefined ? undefined : verdicts[known];
};

/** By class only, so asked last: the cause of a lost connection says more, and a certificate is no lost connection. */
export const connectionRule: Rule = (thrown) =>
  namesOf(thrown).includes("APIConnectionError")
    ? { category: "transient", code: "connection_failed" }
    : undefined;
