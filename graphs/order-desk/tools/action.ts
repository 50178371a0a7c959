/** An action: one call of a writing tool, checked in form only. Whether the shop allows it is `checkAction`'s word. */
import { z } from "zod";
import { Fault } from "#src/faults/index.ts";
import { type WriteToolName, writeTools } from "./catalogue.ts";

const call = <const Name extends WriteToolName, Arguments extends z.ZodType>(
  name: Name,
  tool: { schema: Arguments },
) => z.strictObject({ name: z.literal(name), arguments: tool.schema });

export const actionSchema = z.discriminatedUnion("name", [
  call("cancel_pending_order", writeTools.cancel_pending_order),
  call("modify_pending_order_address", writeTools.modify_pending_order_address),
  call("modify_pending_order_payment", writeTools.modify_pending_order_payment),
  call("modify_pending_order_items", writeTools.modify_pending_order_items),
  call("return_delivered_order_items", writeTools.return_delivered_order_items),
  call("exchange_delivered_order_items", writeTools.exchange_delivered_order_items),
  call("modify_user_address", writeTools.modify_user_address),
]);
export type Action = z.infer<typeof actionSchema>;

/** The arguments of one writing tool. */
export type ArgumentsOf<Name extends WriteToolName> = Extract<Action, { name: Name }>["arguments"];

/** @throws Fault llm-recoverable "bad_arguments" with the issues, for anything that is no {@link Action}. */
export function parseAction(value: unknown): Action {
  return parseArguments("action", actionSchema, value);
}

/**
 * Checks what a model gave as a tool's arguments.
 *
 * @throws Fault llm-recoverable "bad_arguments"; its details list the issues as `path` and `message`.
 */
export function parseArguments<T>(tool: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
  const inWords = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");
  throw new Fault("llm-recoverable", "bad_arguments", `${tool}: ${inWords}`, { details: { issues } });
}
