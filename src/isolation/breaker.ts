/**
 * Circuit breaker: after so many failures in a row a service is not called for a while, then one call tries it.
 *
 * One for each endpoint or service, made at module scope or with the client: a server calls graph factories once a
 * request, and a breaker that is made there never opens. Around the call alone: what stands inside it and fails for
 * another reason is counted too. It does not retry and has no timeout; a call needs one of its own, since a node's
 * timeout looks like a run that was stopped. The states and their changes are cockatiel's.
 *
 * @see docs/adr/0019-breakers-and-bulkheads.md for the table of states, beside Polly's and resilience4j's.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type BreakerEvent, emit } from "../events/index.ts";
import { Fault } from "../faults/index.ts";
import { type NodeRuntime, nodeName } from "../routing/index.ts";
import { type BreakerState, type Ended, openCircuit } from "./breaker-circuit.ts";
import { type Evidence, evidenceIn } from "./breaker-evidence.ts";
import { type Hear, sharing } from "./breaker-sharing.ts";
import type { BreakerStates } from "./breaker-states.ts";

export interface BreakerOptions {
  /** Failures in a row that open it, from 1. */
  readonly after: number;
  /** How long it stays open before a probe, in ms from 1. */
  readonly openMs: number;
  /** Where processes share its state. Default: it is this process's own. */
  readonly states?: BreakerStates | undefined;
  /** A call goes by a shared state no older than this, in ms. Default 1,000. */
  readonly refreshMs?: number;
  /** After this long a probe is taken for lost, and the next call is one: longer than a call may last, in ms. Default 120,000. */
  readonly probeMs?: number;
  /** Hears each change, also where no stream does. Must not throw. */
  readonly onChange?: (event: BreakerEvent) => void;
}

export interface Breaker {
  readonly name: string;
  /** As this process knows it. Open becomes half-open when a call comes, not by time. */
  readonly state: BreakerState;
  /**
   * Makes the call, unless the breaker is open or another call is the probe.
   *
   * @throws Fault transient "circuit_open" instead; `retryAfterMs` is the time to the next probe, or `openMs` while one
   *   is under way. No retry is spent on it: the node's table sends it on as compensable.
   * @throws `runtime.signal.reason` when the run is stopped already, and whatever `call` throws, as it is.
   */
  run<T>(runtime: NodeRuntime, call: () => Promise<T>): Promise<T>;
  /** Holds it open by hand, in this process, until every handle given back has been called. */
  isolate(): () => void;
}

/**
 * @param name - Names the endpoint in faults and events, and the shared state.
 * @throws RangeError when a number is out of range; it names the field.
 */
export function breaker(name: string, options: BreakerOptions): Breaker {
  const { after, openMs, states, refreshMs = 1_000, probeMs = 120_000, onChange } = options;
  check(name, { after, openMs, refreshMs, probeMs });

  /** The run whose call cockatiel is dealing with. */
  const callers = new AsyncLocalStorage<NodeRuntime>();
  let telling: Promise<void> | undefined;
  let probeLostAt = Number.POSITIVE_INFINITY;
  const circuit = openCircuit(after, openMs, (to, from) => changed(callers.getStore(), to, from));
  const shared =
    states && sharing(name, states, circuit, { refreshMs, probeMs, inBackground: heardBy(undefined) });

  function announce(runtime: NodeRuntime | undefined, event: BreakerEvent): void {
    emit(runtime, event);
    onChange?.(event);
  }

  function of(runtime: NodeRuntime | undefined) {
    return { node: nodeName(runtime ?? {}), breaker: name };
  }

  function announceState(runtime: NodeRuntime | undefined, state: BreakerState): void {
    if (state === "closed") announce(runtime, { type: "breaker_closed", ...of(runtime) });
    else if (state === "half_open") announce(runtime, { type: "breaker_half_open", ...of(runtime) });
    else announce(runtime, { type: "breaker_opened", retryAfterMs: retryAfterMs(), ...of(runtime) });
  }

  function changed(runtime: NodeRuntime | undefined, to: BreakerState, from: BreakerState): void {
    announceState(runtime, to);
    if (to === "half_open") probeLostAt = performance.now() + probeMs;
    telling = shared?.tell(to, from, heardBy(runtime));
  }

  function heardBy(runtime: NodeRuntime | undefined): Hear {
    return {
      changed: (state) => announceState(runtime, state),
      alone: (message) => announce(runtime, { type: "breaker_alone", message, ...of(runtime) }),
    };
  }

  function retryAfterMs(): number | undefined {
    if (circuit.state === "isolated") return undefined;
    return circuit.state === "open" ? Math.ceil(Math.min(circuit.leftMs, openMs)) : openMs;
  }

  function refusal(runtime: NodeRuntime): Fault {
    const ms = retryAfterMs();
    const code = "circuit_open";
    const { state } = circuit;
    emit(runtime, { type: "call_refused", node: nodeName(runtime), by: name, code, retryAfterMs: ms });
    return new Fault(
      "transient",
      code,
      `${name} is not called: its circuit breaker is ${stateInWords(state)}`,
      {
        ...(ms === undefined ? {} : { retryAfterMs: ms }),
        details: { breaker: name, state },
      },
    );
  }

  function gate(): "pass" | "probe" | "shut" {
    if (circuit.state === "closed") return "pass";
    return circuit.state === "open" && circuit.leftMs === 0 ? "probe" : "shut";
  }

  /** Leaves the next call to be the probe. */
  function giveUpProbe(runtime: NodeRuntime | undefined): void {
    circuit.become("open", 0);
    changed(runtime, "open", "half_open");
  }

  async function attempt<T>(
    runtime: NodeRuntime,
    call: () => Promise<T>,
    counts: () => boolean,
  ): Promise<Ended<T>> {
    const { signal } = runtime;
    /** Where a probe says nothing. */
    const release = (to: NodeRuntime | undefined): void => {
      if (counts() && circuit.state === "half_open") giveUpProbe(to);
    };
    // At once: what was called may never settle. The stopped run's stream may be closed.
    const stop = (): void => release(undefined);
    signal?.addEventListener("abort", stop, { once: true });
    const { evidence, result } = await endOf(call, signal);
    signal?.removeEventListener("abort", stop);
    if (evidence === "nothing") release(runtime);
    return { evidence: await weighed(runtime, evidence, counts), result };
  }

  /** What is left for cockatiel to count: where the state is shared, the store does, until there are enough failures. */
  async function weighed(runtime: NodeRuntime, evidence: Evidence, counts: () => boolean): Promise<Evidence> {
    if (!counts()) return "nothing";
    if (evidence === "answer") await shared?.succeeded(heardBy(runtime));
    if (evidence === "failure" && circuit.state === "closed") {
      const failures = (await shared?.failed(heardBy(runtime))) ?? after;
      if (failures < after) return "nothing";
    }
    return counts() ? evidence : "nothing";
  }

  async function run<T>(runtime: NodeRuntime, call: () => Promise<T>): Promise<T> {
    runtime.signal?.throwIfAborted();
    // Awaits, shared or not: cockatiel makes the probe's call before it is half-open, and that may come here again.
    await shared?.refresh(heardBy(runtime));
    if (circuit.state === "half_open" && performance.now() >= probeLostAt) {
      giveUpProbe(runtime);
      await telling; // A claim follows from the turn that this gives.
    }
    let way = gate();
    if (way === "probe" && shared) {
      const claimed = await shared.claimProbe(heardBy(runtime));
      way = gate();
      if (way === "probe" && !claimed) way = "shut";
    }
    // From here to cockatiel nothing may be awaited, or two calls could find the same probe free.
    if (way === "shut") throw refusal(runtime);
    try {
      return await callers.run(runtime, () => circuit.execute((counts) => attempt(runtime, call, counts)));
    } finally {
      await telling;
    }
  }

  return {
    name,
    get state() {
      return circuit.state;
    },
    run,
    isolate: () => circuit.isolate(),
  };
}

async function endOf<T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<Ended<T>> {
  try {
    signal?.throwIfAborted();
    const answer = await call();
    return { evidence: "answer", result: () => answer };
  } catch (thrown) {
    const result = () => {
      throw thrown;
    };
    return { evidence: evidenceIn(thrown, signal), result };
  }
}

function stateInWords(state: BreakerState): string {
  if (state === "half_open") return "half-open, and another call is the probe";
  return state === "isolated" ? "held open by hand" : state;
}

function check(
  name: string,
  { after, ...times }: Record<"after" | "openMs" | "refreshMs" | "probeMs", number>,
): void {
  if (!Number.isSafeInteger(after) || after < 1)
    throw new RangeError(`breaker ${name}: after must be a whole number from 1, got ${after}`);
  for (const [field, value] of Object.entries(times)) {
    if (!Number.isFinite(value) || value < 1)
      throw new RangeError(`breaker ${name}: ${field} must be a number of ms from 1, got ${value}`);
  }
}
