/**
 * The context bulkhead: an agent is given what its schema declares and nothing else, so that one agent's reasoning,
 * errors and customers cannot leak into another's prompt.
 *
 * Used where a prompt is built. Fields that TypeScript lets pass (a spread state, an `any`) are refused here.
 */
import type { z } from "zod";
import { Fault } from "../faults/index.ts";

/**
 * @param schema - A `z.strictObject`. Objects within it that are no strict ones are cut down to what they declare.
 * @returns A copy of `input`, as the schema has it.
 * @throws Fault unexpected "undeclared_context": a field that is not declared, or one that is missing. The program that
 *   builds the prompt has a bug; no model can mend it.
 */
export function onlyDeclared<Schema extends z.ZodObject>(
  agent: string,
  schema: Schema,
  input: z.input<Schema>,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => [...path.map(String), message].join(": "));
  throw new Fault("unexpected", "undeclared_context", `the input of ${agent}: ${problems.join("; ")}`, {
    cause: parsed.error,
  });
}
