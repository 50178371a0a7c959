/**
 * A thundering herd, in virtual time: clients that all start at once at a service of a few slots, which refuses at once
 * whom it has no slot for. Who is refused waits and comes again until it is served.
 *
 * Base, cap and network delay are those of Marc Brooker's simulation ("Exponential Backoff And Jitter", AWS
 * Architecture Blog, 2015). The waits are the kit's own; service and network are simulated.
 */
import TinyQueue from "tinyqueue";
import { backoffMs, type Jitter } from "#src/retry/index.ts";

/** "none": t = min(cap, base · 2^(attempt − 1)) as it is, the same for all. */
export type Strategy = "none" | Jitter;

export const set = {
  baseMs: 5,
  capMs: 2_000,
  /** Of one message, normally distributed. */
  delayMs: { mean: 10, deviation: 2 },
  /** How long a client keeps its slot. */
  serviceMs: 20,
} as const;

export interface HerdRun {
  /** Refused ones included. */
  readonly calls: number;
  /** Until the last client was served, ms of virtual time. */
  readonly completedMs: number;
}

interface Client {
  attempt: number;
  waitedMs: number;
}

interface Event {
  readonly at: number;
  readonly happen: () => void;
}

/** @param random - Uniform in [0, 1). */
export function herd(strategy: Strategy, clients: number, slots: number, random: () => number): HerdRun {
  const agenda = new TinyQueue<Event>([], (a, b) => a.at - b.at);
  let now = 0;
  let busy = 0;
  let calls = 0;
  let completedMs = 0;
  const after = (ms: number, happen: () => void) => agenda.push({ at: now + ms, happen });

  function call(client: Client): void {
    after(delay(random), () => {
      calls += 1;
      if (busy === slots) {
        after(delay(random), () => after(waitOf(strategy, client, random), () => call(client)));
        return;
      }
      busy += 1;
      after(set.serviceMs, () => {
        busy -= 1;
        completedMs = now;
      });
    });
  }

  for (let i = 0; i < clients; i++) call({ attempt: 0, waitedMs: set.baseMs });
  for (let event = agenda.pop(); event !== undefined; event = agenda.pop()) {
    now = event.at;
    event.happen();
  }
  return { calls, completedMs };
}

function waitOf(strategy: Strategy, client: Client, random: () => number): number {
  const { baseMs, capMs } = set;
  const attempt = ++client.attempt;
  const ms =
    strategy === "none"
      ? Math.min(capMs, baseMs * 2 ** (attempt - 1))
      : backoffMs({ attempt, baseMs, capMs, jitter: strategy, previousMs: client.waitedMs, random });
  client.waitedMs = ms;
  return ms;
}

/** By Box and Muller. */
function delay(random: () => number): number {
  const { mean, deviation } = set.delayMs;
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(0, mean + deviation * normal);
}
