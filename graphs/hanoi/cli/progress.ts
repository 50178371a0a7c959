/** How far a run is, as a line: written over itself on a terminal, one every few seconds elsewhere. */
import type { WriteStream } from "node:tty";
import { bytesText, countText, durationText, percentText } from "./text.ts";

export interface Memory {
  readonly start: number;
  readonly peak: number;
  readonly end: number;
}

export interface Progress {
  /** A move was made. Cheap: called a million times. */
  moved(moves: number): void;
  /** Takes the line away, and says what memory was resident, in bytes. */
  close(): Memory;
}

const onTerminalMs = 500;

export interface ProgressOptions {
  readonly output: Pick<WriteStream, "write"> & { readonly isTTY?: boolean; readonly columns?: number };
  /** Moves before this run, and in all. */
  readonly from: number;
  readonly total: number;
  readonly everyMs: number;
}

export function openProgress({ output, from, total, everyMs }: ProgressOptions): Progress {
  const live = output.isTTY === true;
  const startedAt = performance.now();
  const start = process.memoryUsage.rss();
  let peak = start;
  let moves = from;
  let last = { moves: from, at: startedAt };

  const tick = () => {
    const rss = process.memoryUsage.rss();
    peak = Math.max(peak, rss);
    const now = performance.now();
    const line = progressLine({
      moves,
      total,
      rss,
      perSecond: ((moves - last.moves) / (now - last.at)) * 1000,
    });
    last = { moves, at: now };
    // A line that the terminal breaks in two would leave its first half behind.
    output.write(live ? `\r\u001b[2K${line.slice(0, (output.columns ?? 80) - 1)}` : `${line}\n`);
  };
  const timer = setInterval(tick, live ? onTerminalMs : everyMs);

  return {
    moved(now) {
      moves = now;
    },
    close() {
      clearInterval(timer);
      if (live) output.write("\r\u001b[2K");
      const end = process.memoryUsage.rss();
      return { start, peak: Math.max(peak, end), end };
    },
  };
}

export interface Point {
  readonly moves: number;
  readonly total: number;
  /** Moves a second since the last line. */
  readonly perSecond: number;
  /** Bytes. */
  readonly rss: number;
}

export function progressLine({ moves, total, perSecond, rss }: Point): string {
  const left = perSecond > 0 ? `${durationText((total - moves) / perSecond)} left` : "waiting";
  return `${countText(moves)} of ${countText(total)} moves, ${percentText(moves / total)}, ${perSecond.toFixed(0)} moves/s, ${left}, ${bytesText(rss)}`;
}
