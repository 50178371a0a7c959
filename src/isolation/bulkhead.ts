/**
 * Bulkhead: so many calls of one kind at once, so many waiting, and the same for each tenant within it. A slow service
 * or a loud tenant fills its own slots and nobody else's.
 *
 * One for each kind of call, made at module scope. The slots are cockatiel's. The queue is not: in cockatiel 3.2.1 a
 * waiter that gave up stalls those behind it, and a waiter's call starts in the async context of whoever left, which
 * LangGraph would take for that one's run. Not a rate limit, and not for nodes: `maxConcurrency` is LangGraph's.
 *
 * @see docs/adr/0019-breakers-and-bulkheads.md
 */
import { AsyncResource } from "node:async_hooks";
import { type BulkheadPolicy, bulkhead as slotsOf } from "cockatiel";
import { emit } from "../events/index.ts";
import { Fault } from "../faults/index.ts";
import { type NodeRuntime, nodeName } from "../routing/index.ts";

export interface BulkheadLimits {
  /** Calls at once, from 1. */
  readonly slots: number;
  /** Calls that may wait for a slot, from 0. */
  readonly queue: number;
}

export interface BulkheadOptions extends BulkheadLimits {
  /** What one tenant may have of them. Default: all. */
  readonly perTenant?: BulkheadLimits;
}

export interface Caller {
  readonly runtime: NodeRuntime;
  /** Without one, the call counts against the whole only. */
  readonly tenant?: string | undefined;
}

export interface Bulkhead {
  readonly name: string;
  /** Calls that have a slot now. */
  readonly running: number;
  /** Calls that wait for one now. */
  readonly waiting: number;
  /** Tenants of which a call runs or waits now: of others nothing is kept. */
  readonly tenants: number;
  /**
   * Makes the call when it has a slot, and frees that when the call has settled, a stopped run's too: what goes on
   * behind an abort still takes up the service. First come, first served, past those whose tenant has no slot free.
   *
   * Beats `runtime.heartbeat` ten times a second while it waits, so that no idle timeout counts the wait.
   *
   * @throws Fault transient "bulkhead_full" when the queue is full; `retryAfterMs` says when it should have moved on.
   * @throws `runtime.signal.reason` as soon as the run is stopped while the call waits; it leaves the queue at once.
   * @throws What `call` throws, and what `runtime.heartbeat` throws.
   */
  run<T>(caller: Caller, call: () => Promise<T>): Promise<T>;
}

/** The whole, or one tenant. */
interface Room extends BulkheadLimits {
  readonly title: string;
  readonly held: BulkheadPolicy;
}

interface Waiter {
  readonly rooms: readonly Room[];
  start(): void;
}

/** As often as `wait` does. */
const beatMs = 100;
/** Weight of the last call in the estimate of how long a slot is held. */
const newest = 0.2;
/** The estimate before any call has ended. */
const firstGuessMs = 1_000;

/**
 * @param name - Names the kind of call in faults and events.
 * @throws RangeError when a limit is out of range; it names the field.
 */
export function bulkhead(name: string, { slots, queue, perTenant }: BulkheadOptions): Bulkhead {
  const whole = room(name, name, { slots, queue });
  if (perTenant) room(name, name, perTenant, "perTenant.");
  const tenants = new Map<string, Room>();
  const line: Waiter[] = [];
  let heldMs = firstGuessMs;

  function roomsOf(tenant: string | undefined): readonly Room[] {
    if (tenant === undefined || perTenant === undefined) return [whole];
    const known = tenants.get(tenant) ?? room(name, `${name} of tenant ${tenant}`, perTenant);
    tenants.set(tenant, known);
    return [known, whole];
  }

  const waitingIn = (room: Room): number => line.filter(({ rooms }) => rooms.includes(room)).length;
  const isIdle = (room: Room): boolean => room.held.executionSlots === room.slots && waitingIn(room) === 0;

  /** Starts whoever can be: called whenever somebody comes or goes. */
  function moveUp(): void {
    for (let next = firstFree(); next !== undefined; next = firstFree()) {
      line.splice(line.indexOf(next), 1);
      next.start();
    }
  }
  const firstFree = (): Waiter | undefined =>
    line.find(({ rooms }) => rooms.every(({ held }) => held.executionSlots > 0));

  function gone(tenant: string | undefined): void {
    moveUp();
    const room = tenant === undefined ? undefined : tenants.get(tenant);
    if (tenant !== undefined && room !== undefined && isIdle(room)) tenants.delete(tenant);
  }

  /**
   * A slot of the room frees every heldMs / slots on average, and the call would have stood at the queue's end:
   * retryAfterMs = heldMs · place / slots, where each call that ends makes heldMs 0.8 · heldMs + 0.2 · its own time.
   */
  function refusal(full: Room, { runtime, tenant }: Caller): Fault {
    const { title, slots, queue } = full;
    const retryAfterMs = Math.ceil((heldMs * (waitingIn(full) + 1)) / slots);
    const code = "bulkhead_full";
    emit(runtime, { type: "call_refused", node: nodeName(runtime), by: name, code, retryAfterMs });
    return new Fault("transient", code, `${title}: the queue for ${slots} slots is full, ${queue} wait`, {
      retryAfterMs,
      details: { bulkhead: name, ...(full === whole || tenant === undefined ? {} : { tenant }) },
    });
  }

  async function run<T>(caller: Caller, call: () => Promise<T>): Promise<T> {
    const { tenant } = caller;
    const { signal, heartbeat } = caller.runtime;
    signal?.throwIfAborted();
    const rooms = roomsOf(tenant);
    let waited = false;

    const timed = async (): Promise<T> => {
      if (waited) heartbeat?.();
      const begun = performance.now();
      try {
        return await call();
      } finally {
        heldMs += newest * (performance.now() - begun - heldMs);
      }
    };
    const inSlots = (): Promise<T> =>
      rooms.reduce<() => Promise<T>>(
        (inner, { held }) =>
          () =>
            held.execute(inner),
        timed,
      )();

    return new Promise<T>((resolve, reject) => {
      const waiter: Waiter = {
        rooms,
        // Bound to this caller's async context: whoever leaves a slot calls it.
        start: AsyncResource.bind(() => {
          stopWaiting();
          resolve(inSlots().finally(() => gone(tenant)));
        }),
      };
      const beat = (): void => {
        try {
          heartbeat?.();
        } catch (error) {
          leave(error);
        }
      };
      const stop = (): void => leave(signal?.reason);
      let beats: ReturnType<typeof setInterval> | undefined;
      const stopWaiting = (): void => {
        clearInterval(beats);
        signal?.removeEventListener("abort", stop);
      };
      const leave = (reason: unknown): void => {
        line.splice(line.indexOf(waiter), 1);
        stopWaiting();
        reject(reason);
        gone(tenant);
      };

      line.push(waiter);
      moveUp();
      if (!line.includes(waiter)) return;
      const full = rooms.find((room) => waitingIn(room) > room.queue);
      if (full !== undefined) {
        line.pop();
        gone(tenant);
        throw refusal(full, caller);
      }
      waited = true;
      signal?.addEventListener("abort", stop, { once: true });
      if (heartbeat) beats = setInterval(beat, beatMs);
    });
  }

  return {
    name,
    get running() {
      return slots - whole.held.executionSlots;
    },
    get waiting() {
      return line.length;
    },
    get tenants() {
      return tenants.size;
    },
    run,
  };
}

function room(name: string, title: string, { slots, queue }: BulkheadLimits, prefix = ""): Room {
  for (const [field, value, least] of [
    ["slots", slots, 1],
    ["queue", queue, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(
        `bulkhead ${name}: ${prefix}${field} must be a whole number from ${least}, got ${value}`,
      );
  }
  return { title, slots, queue, held: slotsOf(slots, 0) };
}
