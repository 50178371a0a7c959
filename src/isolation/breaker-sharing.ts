/**
 * Keeps one process's circuit in step with the state that all share. Used by `breaker` alone.
 *
 * The store counts failures, and gives a probe to one process; the circuit changes its state, and this tells the store.
 * Whatever the store does, no call fails for it: it has `patienceMs` to answer once, and while it is away no call waits
 * and the circuit goes on by its own count. What it missed it is told when it is back.
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

export interface SharingOptions {
  readonly refreshMs: number;
  readonly probeMs: number;
  /** Hears what is found when no call waits for it: the stream of the call that asked may have ended. */
  readonly inBackground: Hear;
}

/** A store that is up answers in a few ms; a busy process hears it later. */
const patienceMs = 1_000;

export function sharing(
  name: string,
  states: BreakerStates,
  circuit: Circuit,
  { refreshMs, probeMs, inBackground }: SharingOptions,
): Sharing {
  let turn = "0";
  /** The turn is of a change that this process made. */
  let mine = false;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let alone = false;
  let claiming = false;

  /** The store's answer; undefined when it gave none in time. While it is away only `read` looks for it. */
  async function ask<T>(hear: Hear, question: () => Promise<T>): Promise<{ answer: T } | undefined> {
    return alone ? undefined : answered(hear, question);
  }

  async function answered<T>(hear: Hear, question: () => Promise<T>): Promise<{ answer: T } | undefined> {
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

  const isNewer = (seen: SharedState): boolean => BigInt(seen.turn) > BigInt(turn);
  const isDue = (): boolean => circuit.state === "open" && circuit.leftMs === 0;

  /** Whether it was this process's to change. An answer that nobody waits for any more still gives the turn. */
  const move = (hear: Hear, to: SharedState["state"], forMs: number) =>
    ask(hear, async () => {
      const moved = await states.move(name, turn, to, forMs);
      if (moved && isNewer(moved)) {
        turn = moved.turn;
        mine = true;
      }
      return moved !== undefined;
    });

  async function read(hear: Hear): Promise<void> {
    readAt = performance.now();
    const seen = await answered(hear, () => states.load(name));
    if (seen) await compare(seen.answer, hear);
  }

  async function compare(seen: SharedState, hear: Hear): Promise<void> {
    const { state } = circuit;
    if (claiming || state === "isolated") return;
    if (seen.turn === "0") turn = "0"; // The store has lost what it knew.
    if (isNewer(seen)) takeOver(seen, hear);
    else if (seen.turn === turn && state !== "half_open" && isUntold(seen, state))
      await move(hear, state, circuit.leftMs);
    if (seen.state === "closed" && circuit.state === "closed") circuit.failures = seen.failures;
  }

  /** A change of this process's own that the store was away for. */
  function isUntold(seen: SharedState, state: BreakerState): boolean {
    return seen.state === "half_open" ? mine : seen.state !== state;
  }

  function takeOver(seen: SharedState, hear: Hear): void {
    turn = seen.turn;
    mine = false;
    const before = circuit.state;
    // To this process another one's probe is time to wait.
    const after = seen.state === "closed" ? "closed" : "open";
    if (after === "closed" && before === "closed") return;
    circuit.become(after, seen.leftMs);
    if (after !== before) hear.changed(after);
  }

  /** Undefined: the store does not say. */
  async function claim(hear: Hear): Promise<boolean | undefined> {
    claiming = true;
    const claimed = await move(hear, "half_open", probeMs);
    claiming = false;
    return claimed?.answer;
  }

  return {
    async refresh(hear) {
      if (performance.now() - readAt >= refreshMs) reading = read(alone ? inBackground : hear);
      if (!alone) await reading;
    },

    async claimProbe(hear) {
      if (claiming) return false;
      if ((await claim(hear)) ?? true) return true;
      await read(hear);
      return isDue() && ((await claim(hear)) ?? true);
    },

    async failed(hear) {
      const seen = await ask(hear, () => states.failed(name));
      if (seen === undefined) return undefined;
      await compare(seen.answer, hear);
      return seen.answer.state === "closed" ? seen.answer.failures : undefined;
    },

    async succeeded(hear) {
      if (circuit.state !== "closed" || circuit.failures === 0) return;
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
      const told = await move(hear, to, circuit.leftMs);
      if (told?.answer === false) await read(hear);
    },
  };
}
