/** Zod's errors, of any version: output that a schema refused. */
import type { Json } from "../fault.ts";
import { namesOf, read, readText } from "../read.ts";
import type { Rule, Verdict } from "../verdict.ts";

const names: ReadonlySet<string> = new Set(["ZodError", "$ZodError"]);

/** A schema of a long list can find thousands; a model needs the first few. */
const shown = 10;

/**
 * llm-recoverable: an error of parsing that nobody put into another category is taken for the model's output, the
 * one thing in an agent that is parsed all day and wrong as a matter of course. Where something else is parsed (a
 * service's answer, a configuration), throw a Fault there.
 *
 * unexpected: LangGraph's own check of what a node returned. user-fixable: an answer to an interrupt that its
 * responseSchema refused.
 */
export const schemaRule: Rule = (thrown) => {
  const found = read(thrown, "issues");
  const issues = Array.isArray(found) ? found.slice(0, shown).map(plainIssue) : [];
  const verdict = verdictOn(thrown, issues.length > 0);
  if (verdict === undefined || issues.length === 0) return verdict;
  return { ...verdict, message: issues.map(line).join("; "), details: { issues } };
};

function verdictOn(thrown: unknown, hasIssues: boolean): Verdict | undefined {
  if (read(thrown, invalidResume) === true) return { category: "user-fixable", code: "invalid_answer" };
  const name = namesOf(thrown).find((name) => names.has(name));
  if (name === undefined) return undefined;
  // LangGraph validates state by zod's core, whose errors have the dollar, and only after the node returned: the
  // error comes with a task's id, or rebuilt without its issues. What a guarded node throws was classified before.
  const byLangGraph = name === "$ZodError" && (read(thrown, "pregelTaskId") !== undefined || !hasIssues);
  return byLangGraph
    ? { category: "unexpected", code: "state_invalid" }
    : { category: "llm-recoverable", code: "zod_invalid" };
}

/** LangGraph marks what an interrupt's responseSchema threw, so that the question can be answered again. */
const invalidResume = Symbol.for("langgraph.invalid_resume");

type Issue = { path: string; message: string; code: string } & { [key: string]: Json };

function plainIssue(issue: unknown): Issue {
  const path = read(issue, "path");
  return {
    path: Array.isArray(path) ? path.map(String).join(".") : "",
    message: readText(issue, "message") ?? "invalid",
    code: readText(issue, "code") ?? "invalid",
  };
}

const line = ({ path, message }: Issue): string => `${path === "" ? "(whole)" : path}: ${message}`;
