/** Names of threads: one a ticket, unlike those of any earlier run unless a person chose the name. */
import type { Ticket } from "../tickets.ts";

/**
 * @param chosen - The name for a single ticket, or what several tickets' names begin with.
 * @param runName - What they begin with otherwise.
 */
export function threadsFor(
  tickets: readonly Pick<Ticket, "id">[],
  chosen: string | undefined,
  runName: string,
): string[] {
  if (chosen !== undefined && tickets.length === 1) return [chosen];
  // Encoded, so that ids that differ stay different, and fit into an HTTP header.
  return tickets.map(({ id }) => `${chosen ?? runName}-${encodeURIComponent(String(id))}`);
}

/** A short name for a run: its second, in letters and digits. */
export function runNameAt(ms: number): string {
  return Math.floor(ms / 1000).toString(36);
}
