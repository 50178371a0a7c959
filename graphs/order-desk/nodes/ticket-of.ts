/** What the models may know of the customer's side, and what they were refused, read from the desk's state. */
import type { FaultRecord } from "#src/faults/index.ts";
import type { Refusal, TicketText } from "../prompts/index.ts";
import type { DeskState } from "../state.ts";

/** The case's own message: a later one may wait until it is ended. */
export function ticketOf({
  message,
  opened,
  faults,
}: Pick<DeskState, "message" | "opened" | "faults">): TicketText {
  const answers = faults.flatMap(({ message: question, answer }) =>
    answer === undefined ? [] : [{ question, answer }],
  );
  return { message: opened ?? message, answers };
}

/** The faults that the table sent back to this model node in this case, oldest first. */
export function refusalsFor(faults: readonly FaultRecord[], node: string): Refusal[] {
  return faults
    .filter((record) => record.category === "llm-recoverable" && record.route === node)
    .map(({ code, message, details }) => ({ code, message, ...(details === undefined ? {} : { details }) }));
}
