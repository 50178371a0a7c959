/** Runs `npm run hanoi`'s program to its end, and kills it with -9 on the way. Used by the section `hanoi`. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { drawFrom } from "../../test/chaos/draw.ts";
import { root } from "../child.ts";

export interface Sample {
  readonly life: number;
  readonly moves: number;
  /** Since the first process was started. */
  readonly seconds: number;
  readonly movesPerSecond: number;
  readonly rssMb: number;
}

export interface Lives {
  /** All in all, restarts included. */
  readonly seconds: number;
  /** From each start of a process to its first move, together. */
  readonly startSeconds: number;
  readonly kills: number;
  /** A line of each second of progress. */
  readonly samples: readonly Sample[];
  /** What each process said at its start, its last progress and its end; and the kills. */
  readonly log: readonly string[];
  readonly exitCode: number;
}

export interface Journey {
  /** Of the program, without --every. */
  readonly flags: readonly string[];
  readonly databaseUrl: string;
  readonly total: number;
  readonly kills: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/**
 * Kills fall into the first part of the way, drawn from the seed, so that what is left shows one process's memory long
 * enough.
 */
const killsUntil = 0.6;
const everyMs = 1_000;
const progress = /^([\d,]+) of [\d,]+ moves, .+ (\d+) moves\/s, .+, (\d+) MB$/;

const sameEachTime = /^(Connecting|Simulated)/;

export async function lives({ flags, databaseUrl, total, kills, seed, say }: Journey): Promise<Lives> {
  const draw = drawFrom(seed);
  const points = Array.from({ length: kills }, (_, at) => draw.share("point", at) * killsUntil * total);
  points.sort((a, b) => a - b);
  const startedAt = performance.now();
  const since = (from: number) => (performance.now() - from) / 1000;
  const samples: Sample[] = [];
  const log: string[] = [];
  let startSeconds = 0;

  for (let life = 1; ; life++) {
    const point = points[life - 1];
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "graphs/hanoi/cli/main.ts", ...flags, "--every", "1"],
      {
        cwd: root,
        env: { ...process.env, DATABASE_URL: databaseUrl, FAULTLINE_ENCRYPTION_KEY: "" },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    const bornAt = performance.now();
    let last = "";
    let doomed = false;
    const heard = (line: string) => {
      const [, moves = "", rate = "", rss = ""] = progress.exec(line) ?? [];
      if (moves === "") {
        if (!(life > 1 && sameEachTime.test(line))) log.push(line);
        // Its own clock begins with this line.
        if (line.startsWith("Thread ")) startSeconds += since(bornAt);
        return;
      }
      last = line;
      const sample = {
        life,
        moves: Number(moves.replaceAll(",", "")),
        seconds: since(startedAt),
        movesPerSecond: Number(rate),
        rssMb: Number(rss),
      };
      samples.push(sample);
      if (samples.length % 60 === 0) say(`  ${line}`);
      if (point === undefined || doomed || sample.moves < point) return;
      doomed = true;
      // Anywhere between two lines: also while a superstep is being written.
      setTimeout(() => child.kill("SIGKILL"), draw.between(0, everyMs, "ms", life));
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", heard);
    const exitCode = await ended(child);
    if (exitCode === null) {
      const text = `killed with -9 after ${since(bornAt).toFixed(0)} s; last seen: ${last}`;
      log.push(text);
      say(`  ${text}`);
      continue;
    }
    return { seconds: since(startedAt), startSeconds, kills: life - 1, samples, log, exitCode };
  }
}

/** Once both streams are read to their end. @returns Null when it was killed. */
function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
}
