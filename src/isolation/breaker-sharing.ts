/**
 * Keeps one process's circuit in step with the state that all share. Used by `breaker` alone.
 *
 * The store counts failures, and gives a probe to one process; the circuit changes its state, and this tells the store.
 * Whatever the store does, no call fails or waits long for it: it has `patienceMs` to answer, and while it does not,
 * the circuit goes on by its own count.
 */
import { classify } from "../faults/index.ts";
import type { BreakerState, Circuit } from "./breaker-circuit.ts";
import type { BreakerStates, SharedState } from "./breaker-states.ts";

export interface Sharing {
  /** Takes over what others have changed, at most every `refreshMs`. */
  refresh(hear: Hear): Promise<void>;
  /** Before a probe. False when another process makes it. */
  claimProbe(hear: Hear): Promise<boolean>;
  /** Counts a failure of a closed circuit. Undefined: nobody else does, so the circuit must. */
  failed(hear: Hear): Promise<number | undefined>;
  /** After a call that the service answered. */
  succeeded(hear: Hear): Promise<void>;
  /** After the circuit changed its state by itself. */
  tell(to: BreakerState, from: BreakerState, hear: Hear): Promise<void>;
}

/** Where the call that asks hears of what it meets. */
export interface Hear {
  /** The circuit was put into the state that others had brought about. */
  changed(state: BreakerState): void;
  /** The store does not answer. Once until it does again. */
  alone(message: string): void;
}

/** A store that is up answers in a few ms. */
const patienceMs = 250;

export function sharing(
  name: string,
  states: BreakerStates,
  circuit: Circuit,
  { refreshMs, probeMs }: { readonly refreshMs: number; readonly probeMs: number },
): Sharing {
  let turn = "0";
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<unknown> | undefined;
  let alone = false;
  let claiming = false;

  /** The store's answer; undefined when it gave none. */
  async function ask<T>(hear: Hear, question: () => Promise<T>): Promise<{ answer: T } | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${patienceMs} ms`)), patienceMs);
    });
    try {
      const answer = await Promise.race([question(), late]);
      alone = false;
      return { answer };
    } catch (error) {
      if (!alone) hear.alone(classify(error).message);
      alone = true;
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  function adopt(seen: SharedState, hear: Hear): void {
    if (circuit.state === "isolated") return;
    if (BigInt(seen.turn) > BigInt(turn)) {
      turn = seen.turn;
      become(seen, hear);
    }
    if (seen.state === "closed" && circuit.state === "closed") circuit.failures = seen.failures;
  }

  function become({ state, leftMs }: SharedState, hear: Hear): void {
    const before = circuit.state;
    // To this process another one's probe is time to wait.
    const after = state === "closed" ? "closed" : "open";
    if (after === "closed" && before === "closed") return;
    circuit.become(after, leftMs);
    if (after !== before) hear.changed(after);
  }

  async function read(hear: Hear): Promise<SharedState | undefined> {
    readAt = performance.now();
    const seen = await ask(hear, () => states.load(name));
    if (seen) adopt(seen.answer, hear);
    return seen?.answer;
  }

  return {
    async refresh(hear) {
      if (performance.now() - readAt >= refreshMs) reading = read(hear);
      if (!alone) await reading;
    },

    async claimProbe(hear) {
      if (claiming) return false;
      claiming = true;
      try {
        const claim = await ask(hear, () => states.move(name, turn, "half_open", probeMs));
        if (claim === undefined) return true;
        if (claim.answer) {
          turn = claim.answer.turn;
          return true;
        }
        const seen = await read(hear);
        // Nobody else's either: it opened here while the store was away, or the store has lost it.
        if (seen && BigInt(seen.turn) <= BigInt(turn) && circuit.state === "open") {
          turn = seen.turn;
          become(seen, hear);
        }
        return false;
      } finally {
        claiming = false;
      }
    },

    async failed(hear) {
      const seen = alone ? undefined : await ask(hear, () => states.failed(name));
      if (seen === undefined) return undefined;
      adopt(seen.answer, hear);
      return seen.answer.state === "closed" ? seen.answer.failures : undefined;
    },

    async succeeded(hear) {
      if (alone || circuit.state !== "closed" || circuit.failures === 0) return;
      await ask(hear, () => states.succeeded(name));
    },

    async tell(to, from, hear) {
      if (to === "isolated" || to === "half_open") return;
      if (from === "isolated") {
        // Held open by hand is this process's affair: it takes over anew what the others have.
        turn = "0";
        readAt = Number.NEGATIVE_INFINITY;
        return;
      }
      const told = await ask(hear, () => states.move(name, turn, to, circuit.leftMs));
      if (told?.answer) turn = told.answer.turn;
      else if (told) await read(hear);
    },
  };
}
