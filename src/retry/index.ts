/** PLACEHOLDER by LEAD until KIT's version lands: overwrite freely. */
export type Jitter = "full" | "equal" | "decorrelated";
export function backoffMs({
  attempt,
  baseMs,
  capMs,
  random,
}: {
  attempt: number;
  baseMs: number;
  capMs: number;
  jitter: Jitter;
  random: () => number;
}): number {
  return random() * Math.min(capMs, baseMs * 2 ** (attempt - 1));
}
export function wait(ms: number, signal?: AbortSignal, _onBeat?: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
