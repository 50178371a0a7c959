/** The degraded route of the mail: the case is finished, the reply stands in state, and staff see that it was not sent. */
import type { DeskUpdate } from "../state.ts";

export function leaveUnsent(): DeskUpdate {
  return { mailed: false };
}
