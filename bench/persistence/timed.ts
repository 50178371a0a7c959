/** How every contender is timed, DBOS included: warmed up, then all threads at once, from the first start to the last end. */

/** Runs one thread of `steps` durable steps. */
export type RunThread = (thread: string, steps: number) => Promise<void>;

export interface SpeedRequest {
  readonly databaseUrl: string;
  readonly schema: string;
  /** Run at the same time. */
  readonly threads: number;
  readonly stepsEach: number;
  /** Of all threads together, before the clock starts: the JIT's and the pool's. */
  readonly warmUpSteps: number;
}

/** @returns Wall-clock µs per step, all threads' steps together. */
export async function timed(run: RunThread, request: SpeedRequest): Promise<number> {
  const { threads, stepsEach, warmUpSteps } = request;
  const all = (name: string, steps: number) =>
    Promise.all(Array.from({ length: threads }, (_, i) => run(`${name}-${i}`, steps)));
  await all("warm-up", Math.ceil(warmUpSteps / threads));
  const started = performance.now();
  await all("measured", stepsEach);
  return ((performance.now() - started) * 1000) / (threads * stepsEach);
}
