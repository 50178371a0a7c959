/**
 * Keeps one process's circuit in step with the state that all share. Used by `breaker` alone.
 *
 * The store counts failures, and gives a probe to one process; the circuit changes its state, and this tells the store.
 * Whatever the store does, no call fails for it: it has `patienceMs` to answer once, and while it is away no call waits
 * and the circuit goes on by its own count. A store that answers reads and no writes is as good as away, but for what
 * others change there. What it missed it is told when it is back.
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
  let claiming = false;
  /** What had no answer when it was last asked. Only its own answer shows that it is back. */
  const away = new Set<"reads" | "writes">();
  const alone = (): boolean => away.size > 0;
  /** Writes that have not ended, though nobody may wait for them any more. */
  let writing = 0;
  /** Failures since the last success or change that the row does not count yet. */
  let untold = 0;
  let catchingUp = false;
  /** What the row says of failures is less than what is known here, where the circuit counts for itself. */
  const isBehind = (): boolean => alone() || catchingUp || untold > 0;

  /** The store's answer; undefined when it gave none in time. */
  async function answered<T>(
    hear: Hear,
    what: "reads" | "writes",
    question: () => Promise<T>,
  ): Promise<{ answer: T } | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${patienceMs} ms`)), patienceMs);
    });
    try {
      const answer = await Promise.race([question(), late]);
      away.delete(what);
      return { answer };
    } catch (error) {
      if (!alone()) hear.alone(classify(error).message);
      away.add(what);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  const written = <T>(hear: Hear, write: () => Promise<T>) =>
    answered(hear, "writes", async () => {
      writing += 1;
      try {
        return await write();
      } finally {
        writing -= 1;
      }
    });

  /** Where the last write found no answer, one at a time, since each that hangs holds a connection; and nobody waits. */
  async function tryToTell(hear: Hear, what: (hear: Hear) => Promise<unknown>): Promise<void> {
    if (!away.has("writes")) await what(hear);
    else if (writing === 0) void what(inBackground);
  }

  const isNewer = (seen: SharedState): boolean => BigInt(seen.turn) > BigInt(turn);
  const isDue = (): boolean => circuit.state === "open" && circuit.leftMs === 0;

  /** Whether it was this process's to change. An answer that nobody waits for any more still gives the turn. */
  const move = (hear: Hear, to: SharedState["state"], forMs: number) =>
    written(hear, async () => {
      const moved = await states.move(name, turn, to, forMs);
      if (moved && isNewer(moved)) {
        turn = moved.turn;
        mine = true;
      }
      return moved !== undefined;
    });

  /** While the store may still carry it out, however late, a failure is not told again. */
  const count = (hear: Hear) =>
    written(hear, async () => {
      try {
        return await states.failed(name);
      } catch (error) {
        untold += 1;
        throw error;
      }
    });

  async function catchUp(hear: Hear): Promise<void> {
    let seen: { answer: SharedState } | undefined;
    catchingUp = true;
    do {
      untold -= 1;
      seen = await count(hear);
    } while (seen && untold > 0);
    catchingUp = false;
    if (seen) await compare(seen.answer, hear);
  }

  async function read(hear: Hear): Promise<void> {
    readAt = performance.now();
    const seen = await answered(hear, "reads", () => states.load(name));
    if (!seen) return;
    await compare(seen.answer, hear);
    if (untold > 0 && !catchingUp) await tryToTell(hear, catchUp);
  }

  async function compare(seen: SharedState, hear: Hear): Promise<void> {
    const { state } = circuit;
    if (claiming || state === "isolated") return;
    if (seen.turn === "0") turn = "0"; // The store has lost what it knew.
    // To one that knew nothing a closed row is no news: it may have been made by a failure that was told late.
    if (turn === "0" && seen.state === "closed") turn = seen.turn;
    if (isNewer(seen)) takeOver(seen, hear);
    else if (seen.turn === turn && state !== "half_open" && isUntold(seen, state))
      await tryToTell(hear, (from) => move(from, state, circuit.leftMs));
    if (seen.state === "closed" && circuit.state === "closed" && !isBehind())
      circuit.failures = seen.failures;
  }

  /** A change of this process's own that the store was away for. */
  function isUntold(seen: SharedState, state: BreakerState): boolean {
    return seen.state === "half_open" ? mine : seen.state !== state;
  }

  function takeOver(seen: SharedState, hear: Hear): void {
    turn = seen.turn;
    mine = false;
    untold = 0;
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
    const claimed = alone() ? undefined : await move(hear, "half_open", probeMs);
    claiming = false;
    return claimed?.answer;
  }

  return {
    async refresh(hear) {
      if (performance.now() - readAt >= refreshMs) reading = read(away.has("reads") ? inBackground : hear);
      if (!away.has("reads")) await reading;
    },

    async claimProbe(hear) {
      if (claiming) return false;
      if ((await claim(hear)) ?? true) return true;
      await read(hear);
      return isDue() && ((await claim(hear)) ?? true);
    },

    async failed(hear) {
      if (isBehind()) {
        untold += 1;
        return undefined;
      }
      const seen = await count(hear);
      if (seen === undefined) return undefined;
      await compare(seen.answer, hear);
      return seen.answer.state === "closed" ? seen.answer.failures : undefined;
    },

    async succeeded(hear) {
      untold = 0;
      if (circuit.state !== "closed" || circuit.failures === 0 || alone()) return;
      await written(hear, () => states.succeeded(name));
    },

    async tell(to, from, hear) {
      untold = 0;
      if (to === "isolated" || to === "half_open") return;
      if (from === "isolated") {
        // Held open by hand is this process's affair: it takes over anew what the others have.
        turn = "0";
        readAt = Number.NEGATIVE_INFINITY;
        return;
      }
      const told = alone() ? undefined : await move(hear, to, circuit.leftMs);
      if (told?.answer === false) await read(hear);
    },
  };
}
