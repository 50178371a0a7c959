/**
 * Which call of which ticket goes wrong, and how. Decided from seed, thread and the number of the thread's call
 * alone, so that a run repeats itself whatever else runs beside it. Knows no HTTP; `stand-in.ts` carries it out.
 */
import { createHash } from "node:crypto";
import type { ModelFault } from "../scene.ts";

/** With what weight each fault is drawn. Rate limits are rare, since each holds its ticket up for a second. */
const weights: readonly (readonly [ModelFault, number])[] = [
  ["500", 35],
  ["disconnect", 30],
  ["slow", 15],
  ["malformed", 15],
  ["429", 5],
];

/**
 * Faults by rate come at most so many in a row on one thread: a rate stands for bad weather, and an endpoint that
 * stays away is what a scene is for.
 */
const LONGEST_RUN = 2;

export interface ModelWeather {
  /** Faults for the next calls of a thread, one each, before any by rate. */
  scene(thread: string, faults: readonly ModelFault[]): void;
  /** The fault of the thread's next call, if it has one. */
  next(thread: string): ModelFault | undefined;
}

/** @throws RangeError for a rate outside 0 to 1. */
export function modelWeather({ rate, seed }: { rate: number; seed: number }): ModelWeather {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`faultRate must be between 0 and 1, is ${rate}`);
  const threads = new Map<string, { calls: number; run: number; scene: ModelFault[] }>();
  const stateOf = (thread: string) => {
    const state = threads.get(thread) ?? { calls: 0, run: 0, scene: [] };
    threads.set(thread, state);
    return state;
  };
  return {
    scene(thread, faults) {
      stateOf(thread).scene = [...faults];
    },
    next(thread) {
      const state = stateOf(thread);
      const call = state.calls++;
      const staged = state.scene.shift();
      if (staged) return staged;
      const drawn = state.run < LONGEST_RUN ? draw(rate, [seed, thread, call]) : undefined;
      state.run = drawn ? state.run + 1 : 0;
      return drawn;
    },
  };
}

function draw(rate: number, key: readonly (string | number)[]): ModelFault | undefined {
  const digest = createHash("sha256").update(key.join("\u0000")).digest();
  if (digest.readUInt32BE(0) / 2 ** 32 >= rate) return undefined;
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let rest = (digest.readUInt32BE(4) / 2 ** 32) * total;
  for (const [fault, weight] of weights) {
    rest -= weight;
    if (rest < 0) return fault;
  }
  return undefined;
}
