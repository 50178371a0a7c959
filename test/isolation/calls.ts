/** Calls whose end a test decides, runtimes that hear events, and promises that are looked at without waiting. */
import { eventOf, type FaultlineEvent } from "#src/events/index.ts";
import type { NodeRuntime } from "#src/routing/index.ts";

export interface Heard {
  readonly runtime: NodeRuntime;
  readonly events: FaultlineEvent[];
  /** The types of the events so far. */
  types(): string[];
}

/** A run that is streamed. */
export function streamed(signal?: AbortSignal, heartbeat?: () => void): Heard {
  const events: FaultlineEvent[] = [];
  const writer = (chunk: unknown) => {
    const event = eventOf(chunk);
    if (event) events.push(event);
  };
  const runtime: NodeRuntime = {
    writer,
    metadata: { langgraph_node: "work" },
    ...(signal && { signal }),
    ...(heartbeat && { heartbeat }),
  };
  return { runtime, events, types: () => events.map(({ type }) => type) };
}

/** A call that is under way until the test ends it. */
export function pending<T = string>() {
  let end = (_: T) => {};
  let fail = (_: unknown) => {};
  let begun = 0;
  const settled = new Promise<T>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  settled.catch(() => {});
  const call = () => {
    begun += 1;
    return settled;
  };
  return { call, end, fail, begun: () => begun };
}

/** Whether and how a promise has settled so far. */
export function watch<T>(promise: Promise<T>) {
  const seen: { value?: T; error?: unknown; settled: boolean } = { settled: false };
  promise.then(
    (value) => Object.assign(seen, { value, settled: true }),
    (error: unknown) => Object.assign(seen, { error, settled: true }),
  );
  return seen;
}

export const thrownBy = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
