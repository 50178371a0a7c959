/** What the program prints: how far it is, and how it ended, in words that cannot be mistaken for success. */
import { expect, test, vi } from "vitest";
import { openProgress, progressLine } from "#graphs/hanoi/cli/progress.ts";
import { closingLines, openingLines } from "#graphs/hanoi/cli/summary.ts";
import { durationText } from "#graphs/hanoi/cli/text.ts";
import type { Tower } from "#graphs/hanoi/state.ts";
import { pegsAfter } from "#graphs/hanoi/tower.ts";

const megabyte = 2 ** 20;
const at = (moves: number): Tower["pegs"] => pegsAfter(3, moves).map((peg) => [...peg]);

const closing = (tower: Tower, wrong = 0) =>
  closingLines({
    end: { tower, votes: { drawn: 21, discarded: 1 }, from: 2, wrong },
    seconds: 2,
    memory: { start: megabyte, peak: 3 * megabyte, end: 2 * megabyte },
    checkpoints: 9,
  });

test("the end of a faultless run says so, and what it took", () => {
  expect(closing({ pegs: at(7), moves: 7, last: null })).toEqual([
    "Solved the shortest way, and there is only one: no move was wrong, lost or made twice.",
    "  moves    7, of these 5 in this process, 0 of them wrong",
    "  resumed  from move 2",
    "  votes    3.000 answers a move, 1 discarded of 21",
    "  time     2 s, 3 moves/s",
    "  memory   1 MB at the start, 3 MB at most, 2 MB at the end",
    "  stored   9 checkpoints",
  ]);
});

test("a detour and an unsolved tower are told", () => {
  expect(closing({ pegs: at(7), moves: 9, last: null }, 1)[0]).toBe(
    "Solved with 2 moves too many: wrong moves were decided.",
  );
  expect(closing({ pegs: at(4), moves: 4, last: null })[0]).toBe("Not solved: 57.1 % of the moves made.");
});

test("a tower that was solved before is no run's success: its settings were not tried", () => {
  const tower = { pegs: at(7), moves: 7, last: null };
  const [verdict] = closingLines({
    end: { tower, votes: { drawn: 21, discarded: 1 }, from: 7, wrong: 0 },
    seconds: 1,
    memory: { start: 0, peak: 0, end: 0 },
    checkpoints: 9,
  });
  expect(verdict).toMatch(/^Solved before: nothing was run now\./);
  expect(openingLines("t", 3, tower, "who")[0]).toBe("Thread t: 3 disks, 7 moves, is solved already.");
});

test("a progress line has moves, share, rate, time left and memory", () => {
  expect(progressLine({ moves: 1_000, total: 4_095, perSecond: 309.5, rss: 200 * megabyte })).toBe(
    "1,000 of 4,095 moves, 24.4 %, 310 moves/s, 10 s left, 200 MB",
  );
  expect(progressLine({ moves: 0, total: 7, perSecond: 0, rss: megabyte })).toContain("waiting");
});

test("no time is said as 60 s or 60 min", () => {
  expect([59.4, 59.6, 119.7, 3599.6, 5400].map(durationText)).toEqual([
    "59 s",
    "1 min 0 s",
    "2 min 0 s",
    "1.0 h",
    "1.5 h",
  ]);
});

test("a terminal's progress leaves no line behind", () => {
  const written: string[] = [];
  const output = { isTTY: true, write: (text: string) => written.push(text) > 0 };
  openProgress({ output, from: 0, total: 7, everyMs: 1_000 }).close();
  expect(written.join("")).toBe("\r\u001b[2K");
});

test("a progress line is cut to the terminal's width: its second row would stay there", () => {
  vi.useFakeTimers();
  const written: string[] = [];
  const output = { isTTY: true, columns: 20, write: (text: string) => written.push(text) > 0 };
  const progress = openProgress({ output, from: 0, total: 1_048_575, everyMs: 1_000 });
  vi.advanceTimersByTime(500);
  progress.close();
  vi.useRealTimers();
  expect(written[0]).toBe("\r\u001b[2K0 of 1,048,575 move");
});
