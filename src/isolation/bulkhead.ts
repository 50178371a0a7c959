/**
 * Bulkhead: so many calls of one kind at once, so many waiting, and the same for each tenant within it. A slow service
 * fills its own slots and nobody else's; of tenants who wait each has its turn, however much the others ask for.
 *
 * A tenant's slots are a cap and no reserve: a quiet one waits for as long as the loud ones' calls hold them all. The
 * queue grows past its limit by one for each tenant, so that loud ones shut nobody out: let no stranger choose a name.
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
  /** Calls that may wait for a slot, from 0: then nobody waits. */
  readonly queue: number;
}

export interface BulkheadOptions extends BulkheadLimits {
  /** What one tenant may have of them. Default: all. */
  readonly perTenant?: BulkheadLimits;
}

export interface Caller {
  readonly runtime: NodeRuntime;
  /** Calls without one have no limit but the whole's, and one turn together. */
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
   * behind an abort still takes up the service. A free slot goes to the tenant that was started least recently, or came
   * least recently, and within a tenant to who came first; a tenant that has no slot free keeps its turn.
   *
   * Beats `runtime.heartbeat` ten times a second while it waits, so that no idle timeout counts the wait.
   *
   * @throws Fault transient "bulkhead_full" when the tenant's queue is full, or the whole's and a call of the tenant runs
   *   or waits already; `retryAfterMs` says when it should have moved on.
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

interface Tenant extends Room {
  /** Calls that wait: what starts them, in the order in which they came. */
  readonly line: (() => void)[];
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
export function bulkhead(
  name: string,
  { slots, queue, perTenant = { slots, queue } }: BulkheadOptions,
): Bulkhead {
  const whole = room(name, name, { slots, queue });
  room(name, name, perTenant, "perTenant.");
  /** Whose turn is next comes first; whoever is started, or was not there before, goes to the end. */
  const turns = new Map<string | undefined, Tenant>();
  let heldMs = firstGuessMs;

  function tenantOf(key: string | undefined): Tenant {
    const known = turns.get(key) ?? newTenant(key);
    turns.set(key, known);
    return known;
  }

  function newTenant(key: string | undefined): Tenant {
    const theirs =
      key === undefined ? room(name, name, whole) : room(name, `${name} of tenant ${key}`, perTenant);
    return { ...theirs, line: [] };
  }

  const waiting = (): number => [...turns.values()].reduce((sum, { line }) => sum + line.length, 0);
  const isIdle = ({ held, slots, line }: Tenant): boolean =>
    held.executionSlots === slots && line.length === 0;
  const hasSlot = ({ held }: Room): boolean => held.executionSlots > 0;

  /** Starts whoever can be: called whenever somebody comes or goes. */
  function moveUp(): void {
    for (let next = nextInTurn(); next !== undefined; next = nextInTurn()) {
      const [key, tenant] = next;
      turns.delete(key);
      turns.set(key, tenant);
      tenant.line.shift()?.();
    }
  }
  const nextInTurn = () =>
    hasSlot(whole) ? [...turns].find(([, tenant]) => tenant.line.length > 0 && hasSlot(tenant)) : undefined;

  function gone(key: string | undefined, tenant: Tenant): void {
    moveUp();
    if (isIdle(tenant)) turns.delete(key);
  }

  /**
   * A slot of the room frees every heldMs / slots on average, and the call may have stood at the queue's end:
   * retryAfterMs = heldMs · place / slots, where each call that ends makes heldMs 0.8 · heldMs + 0.2 · its own time.
   */
  function refusal(full: Room, waiting: number, { runtime, tenant }: Caller): Fault {
    const { title, slots } = full;
    const retryAfterMs = Math.ceil((heldMs * (waiting + 1)) / slots);
    const code = "bulkhead_full";
    emit(runtime, { type: "call_refused", node: nodeName(runtime), by: name, code, retryAfterMs });
    return new Fault("transient", code, `${title}: the queue for ${slots} slots is full, ${waiting} wait`, {
      retryAfterMs,
      details: { bulkhead: name, ...(full === whole || tenant === undefined ? {} : { tenant }) },
    });
  }

  async function run<T>(caller: Caller, call: () => Promise<T>): Promise<T> {
    const { signal, heartbeat } = caller.runtime;
    signal?.throwIfAborted();
    const tenant = tenantOf(caller.tenant);
    const wasIdle = isIdle(tenant);
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
    const inSlots = (): Promise<T> => tenant.held.execute(() => whole.held.execute(timed));

    return new Promise<T>((resolve, reject) => {
      // Bound to this caller's async context: whoever leaves a slot calls it.
      const start = AsyncResource.bind(() => {
        stopWaiting();
        resolve(inSlots().finally(() => gone(caller.tenant, tenant)));
      });
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
        tenant.line.splice(tenant.line.indexOf(start), 1);
        stopWaiting();
        reject(reason);
        gone(caller.tenant, tenant);
      };

      tenant.line.push(start);
      moveUp();
      if (!tenant.line.includes(start)) return;
      const mine = tenant.line.length - 1;
      const all = waiting() - 1;
      const mayPass = wasIdle && queue > 0;
      if (mine >= tenant.queue || (all >= queue && !mayPass)) {
        tenant.line.pop();
        gone(caller.tenant, tenant);
        throw mine >= tenant.queue ? refusal(tenant, mine, caller) : refusal(whole, all, caller);
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
      return waiting();
    },
    get tenants() {
      return turns.size - (turns.has(undefined) ? 1 : 0);
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
