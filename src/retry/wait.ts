/** A wait that ends at once when the run is stopped, and says that it is alive while it lasts. */

/**
 * Ten times a second, so that a node's idle timeout of a second or even less does not take the wait for a hang.
 * It also keeps each timer far below 2^31 ms, beyond which Node fires at once.
 */
const beatMs = 100;

/**
 * Waits on the global setTimeout, which fake timers can replace.
 *
 * @param ms - From 0. Whatever the value, at least one turn of the event loop passes.
 * @param signal - Ends the wait.
 * @param onBeat - Called every 100 ms during the wait, not at its end: a node's `runtime.heartbeat`.
 * @throws RangeError when `ms` is negative or not finite.
 * @throws `signal.reason`, before or during the wait; timer and listener are gone by then.
 * @throws What `onBeat` throws.
 */
export async function wait(ms: number, signal?: AbortSignal, onBeat?: () => void): Promise<void> {
  if (!Number.isFinite(ms) || ms < 0)
    throw new RangeError(`wait: ms must be a finite number from 0, got ${ms}`);
  for (let left = ms; ; ) {
    const slice = Math.min(left, beatMs);
    await sleep(slice, signal);
    left -= slice;
    if (left <= 0) return;
    onBeat?.();
  }
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
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
