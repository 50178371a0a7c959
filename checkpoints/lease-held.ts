/** Who has a thread, in words: the LeaseHeldErrors of `createLeases`. */
import { type Holder, nameOf, parseHolder } from "./holder.ts";
import { LeaseHeldError } from "./lease-errors.ts";
import type { LeaseFound } from "./lease-table.ts";

/** Somebody has the lease. @param other - Undefined for one that this version cannot read. */
export function heldBy(
  { thread, since, expiresAt }: LeaseFound,
  other: Holder | undefined,
  me: Holder,
): LeaseHeldError {
  const itself = other?.pid === me.pid && other.host === me.host && other.started === me.started;
  const who = other === undefined ? "a process of another version" : nameOf(other);
  const from = textOf(since);
  const until = textOf(expiresAt);
  const holder = itself ? `this process (${me.pid}) already` : who;
  return new LeaseHeldError(
    thread,
    `Thread ${thread} is being run by ${holder}${from === undefined ? "" : `, since ${from}`}. ` +
      `Wait until that run has ended${itself ? "" : ", or stop that process"}` +
      (until !== undefined
        ? `: if it is gone, its lease ends at ${until}.`
        : itself
          ? "."
          : ": if it is gone, delete its row in the table of leases, which has no end."),
  );
}

/** Undefined for a time without end, or none that a Date can hold. */
const textOf = (time: Date | number): string | undefined =>
  typeof time === "number" || Number.isNaN(time.getTime()) ? undefined : time.toISOString();

/** Whoever wrote under the lease has not committed: it may be frozen, or its transaction is a long one. */
export function lockedBy(thread: string, lease: LeaseFound | undefined): LeaseHeldError {
  const last = parseHolder(lease?.holder ?? "");
  return new LeaseHeldError(
    thread,
    `Thread ${thread} ${lease?.live ? "is being run" : "was last run"} by ${last === undefined ? "an unknown process" : nameOf(last)}, ` +
      "and a transaction on it does not end. Wait until it has ended, or stop that process: it may be frozen.",
  );
}
