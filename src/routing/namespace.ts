/**
 * Where a task stands, read from its checkpoint namespace: `graph:<task>|node:<task>`, outermost first. LangGraph runs a
 * handler one level below its node: `node:<task>|__error_handler__node:<its own task>` (measured on 1.7.3).
 */
import type { LangGraphRunnableConfig } from "@langchain/langgraph";

type Config = LangGraphRunnableConfig | undefined;

/** The namespace of a node's task. */
export function taskNamespace(config: Config): string {
  return config?.executionInfo?.checkpointNs ?? "";
}

/** The namespace of the task that an error handler answers for. */
export function failedNamespace(config: Config): string {
  return outer(taskNamespace(config));
}

/** The id of the task that an error handler answers for. Its own id is another. */
export function failedTask(config: Config): string {
  const namespace = failedNamespace(config);
  return namespace.slice(namespace.lastIndexOf(":") + 1);
}

/** The graph that a task runs in, "" for the outermost. A subgraph's is another on each visit. */
export const outer = (namespace: string): string => namespace.split("|").slice(0, -1).join("|");
