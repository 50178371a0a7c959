/** Zod's errors, of any version: output that a schema refused. */
import type { Json } from "../fault.ts";
import { namesOf, read, readText } from "../read.ts";
import type { Rule } from "../verdict.ts";

const names: ReadonlySet<string> = new Set(["ZodError", "$ZodError"]);

/** A schema of a long list can find thousands; a model needs the first few. */
const shown = 10;

/** LangGraph marks what an interrupt's responseSchema threw, so that the question can be answered again. */
const invalidResume = Symbol.for("langgraph.invalid_resume");

/**
 * llm-recoverable: an error of parsing that nobody put into another category is taken for the model's output, the
 * one thing in an agent that is parsed all day and wrong as a matter of course. Where something else is parsed (a
 * service's answer, a configuration), throw a Fault there.
 *
 * user-fixable: an answer to an interrupt that its responseSchema refused.
 */
export const schemaRule: Rule = (thrown) => {
  const byPerson = read(thrown, invalidResume) === true;
  if (!byPerson && !namesOf(thrown).some((name) => names.has(name))) return undefined;
  const found = read(thrown, "issues");
  const issues = Array.isArray(found) ? found.slice(0, shown).map(plainIssue) : [];
  return {
    category: byPerson ? "user-fixable" : "llm-recoverable",
    code: byPerson ? "invalid_answer" : "zod_invalid",
    ...(issues.length === 0 ? {} : { message: issues.map(line).join("; "), details: { issues } }),
  };
};

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
