/** The Towers of Hanoi on a real Postgres, one voted move a superstep, the process killed again and again on the way. */
import { shortestWay } from "#graphs/hanoi/tower.ts";
import type { Section } from "../section.ts";
import { type ServerSettings, startBenchServer } from "../server.ts";
import { median } from "../statistics.ts";
import { hanoiChart } from "./chart.ts";
import { type Lives, lives, type Sample } from "./lives.ts";

export interface HanoiFigures extends Omit<Lives, "samples" | "exitCode"> {
  readonly settings: ServerSettings;
  readonly command: string;
  readonly disks: number;
  readonly seed: number;
  readonly faultless: boolean;
  /** Medians of the seconds within a 200th of the way. */
  readonly points: readonly Sample[];
  readonly memory: Memory;
}

interface Memory {
  /** Median of each tenth of the way, MB. */
  readonly tenths: readonly number[];
  /** Of all seconds, those after a start not counted. */
  readonly least: number;
  readonly most: number;
  /** Moves of the longest-lived process. */
  readonly longestLife: number;
}

const seed = 20;
const rules = ["--p", "0.0022", "--k", "3", "--malformed", "0.01"];
/** A process needs so long until its heap has the size that it keeps. */
const warmUpSeconds = 20;

export const hanoiSection: Section<HanoiFigures> = {
  name: "hanoi",
  heading: "Towers of Hanoi: a vote and a checkpoint for each move",
  async measure(say, { full }) {
    if (!full) {
      say("the tower takes the better part of an hour: npm run bench -- hanoi --full");
      return undefined;
    }
    const server = await startBenchServer();
    if (server === undefined) {
      say("no Postgres binaries found");
      return undefined;
    }
    const disks = 20;
    const flags = ["--disks", `${disks}`, ...rules];
    const command = `npm run hanoi -- ${flags.join(" ")}`;
    say(`${command} …`);
    try {
      return await server.withSchema(async (schema) => {
        const { samples, exitCode, ...life } = await lives({
          flags: [...flags, "--schema", schema],
          databaseUrl: server.url,
          total: shortestWay(disks),
          kills: 12,
          seed,
          say,
        });
        const points = thinned(samples, disks);
        const memory = memoryOf(samples, disks);
        return {
          settings: server.settings,
          command,
          disks,
          seed,
          ...life,
          faultless: exitCode === 0,
          points,
          memory,
        };
      });
    } finally {
      await server.stop();
    }
  },
  render,
  charts: (figures, measuredOn) => ({ "hanoi.svg": hanoiChart(figures, measuredOn) }),
};

/** Samples of one process within one part of the way become one. */
function thinned(samples: readonly Sample[], disks: number): Sample[] {
  const parts = grouped(samples, ({ life, moves }) => `${life} ${partOf(moves, disks, 200)}`);
  return [...parts.values()].map((part) => {
    const [first] = part;
    const of = (key: "moves" | "seconds" | "movesPerSecond" | "rssMb") =>
      Math.round(median(part.map((sample) => sample[key])));
    return {
      life: first?.life ?? 0,
      moves: of("moves"),
      seconds: of("seconds"),
      movesPerSecond: of("movesPerSecond"),
      rssMb: of("rssMb"),
    };
  });
}

const partOf = (moves: number, disks: number, parts: number): number =>
  Math.min(parts - 1, Math.floor((moves / shortestWay(disks)) * parts));

function grouped<Key>(samples: readonly Sample[], keyOf: (sample: Sample) => Key): Map<Key, Sample[]> {
  const groups = new Map<Key, Sample[]>();
  for (const sample of samples) {
    const group = groups.get(keyOf(sample));
    if (group === undefined) groups.set(keyOf(sample), [sample]);
    else group.push(sample);
  }
  return groups;
}

function memoryOf(samples: readonly Sample[], disks: number): Memory {
  const lifes = [...grouped(samples, ({ life }) => life).values()];
  const warm = lifes.flatMap((life) => life.filter((_, second) => second >= warmUpSeconds));
  // A short run is over before it is warm.
  const counted = warm.length > 0 ? warm : samples;
  const tenths = [...grouped(counted, ({ moves }) => partOf(moves, disks, 10)).values()];
  const all = counted.map(({ rssMb }) => rssMb);
  return {
    tenths: tenths.map((tenth) => median(tenth.map(({ rssMb }) => rssMb))),
    least: Math.min(...all),
    most: Math.max(...all),
    longestLife: Math.max(...lifes.map((life) => (life.at(-1)?.moves ?? 0) - (life[0]?.moves ?? 0))),
  };
}

function render(figures: HanoiFigures): string {
  const { command, disks, seed, seconds, startSeconds, kills, faultless, memory, settings, log } = figures;
  const moves = shortestWay(disks);
  const running = seconds - startSeconds;
  const [low, high] = [Math.min(...memory.tenths), Math.max(...memory.tenths)];
  const rows = [
    ["supersteps, each a move decided by votes, checkpointed before the next", moves.toLocaleString("en-US")],
    ["ended without a wrong, lost or repeated move", faultless ? "yes" : "**no**"],
    ["killed with -9", `${kills} times`],
    ["minutes in all, restarts included", (seconds / 60).toFixed(1)],
    ["minutes without the starts of its processes", (running / 60).toFixed(1)],
    ["ms per superstep", ((running / moves) * 1000).toFixed(2)],
    [
      "resident memory, median of each tenth of the way, MB",
      memory.tenths.map((mb) => mb.toFixed(0)).join(", "),
    ],
    ["the highest of these above the lowest", `${((high / low - 1) * 100).toFixed(0)} %`],
    ["resident memory in any second, MB", `${memory.least} to ${memory.most}`],
    ["moves of the longest-lived process", memory.longestLife.toLocaleString("en-US")],
  ];
  return `\`${command}\` on Postgres ${settings.version}, fsync ${settings.fsync}, synchronous_commit ${settings.synchronousCommit},
durability sync, the last 50 checkpoints kept. The mover is **simulated**: it knows the right move and errs by chance at
the rates of the command. So this shows that votes, red flags, checkpoints and restarts carry so many steps; it says
nothing about a model. That no move was wrong is seen from outside: the tower was solved in 2^${disks} − 1 moves, and only the one
shortest way has so few. Memory is of the seconds from ${warmUpSeconds} s after each start.

| what | |
| --- | --- |
${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}

![Memory and rate over the moves](figures/hanoi.svg)

What the processes said, with seed ${seed} for the kills; of the progress lines the last one before each kill:

\`\`\`text
${log.join("\n")}
\`\`\``;
}
