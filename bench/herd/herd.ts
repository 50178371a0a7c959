/** What jitter is for: the kit's backoffs against a service that is too small for all. */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Section } from "../section.ts";
import { median, spread } from "../statistics.ts";
import { herdChart } from "./chart.ts";
import { type HerdRun, herd, type Strategy, set } from "./simulation.ts";

export const strategies: readonly Strategy[] = ["none", "full", "equal", "decorrelated"];
const clients = 200;
/** The first is the herd that the order is told from; the other shows what it depends on. */
const slots = [5, 1] as const;
const rounds = 101;
const firstSeed = 1;

export interface HerdSetting {
  readonly slots: number;
  readonly runs: Readonly<Record<Strategy, readonly HerdRun[]>>;
}

export interface HerdFigures {
  readonly clients: number;
  readonly seeds: readonly [first: number, last: number];
  readonly settings: readonly HerdSetting[];
}

export const thunderingHerd: Section<HerdFigures> = {
  name: "herd",
  heading: "A thundering herd",

  async measure(say) {
    const lastSeed = firstSeed + rounds - 1;
    const settings = slots.map((slots) => {
      const runs = Object.fromEntries(
        strategies.map((strategy) => [
          strategy,
          Array.from({ length: rounds }, (_, i) => {
            const generator = xoroshiro128plus(firstSeed + i);
            return herd(strategy, clients, slots, () => uniformFloat64(generator));
          }),
        ]),
      ) as unknown as HerdSetting["runs"];
      say(
        `${clients} clients, ${slots} slots, seeds ${firstSeed} to ${lastSeed}: ${inOrder({ slots, runs })}`,
      );
      return { slots, runs };
    });
    return { clients, seeds: [firstSeed, lastSeed], settings };
  },

  render: ({
    clients,
    seeds,
    settings,
  }) => `**Simulated**, in virtual time: ${clients} clients start at once at a service that has a few slots, keeps each for
${set.serviceMs} ms and refuses whom it has no slot for. The waits are the kit's \`backoffMs\` with base ${set.baseMs} ms and cap ${set.capMs} ms; network delays
are normal, ${set.delayMs.mean} ± ${set.delayMs.deviation} ms. Medians with [lowest..highest] of the seeds ${seeds[0]} to ${seeds[1]}. Published (AWS, 2015, another contention, 50 and 100
clients): calls full < equal < decorrelated < none, time decorrelated < full < equal < none.

| slots | jitter | calls | served after, ms |
| --- | --- | --- | --- |
${settings.flatMap((setting) => strategies.map((strategy) => row(setting, strategy))).join("\n")}

${settings.map((setting) => `With ${setting.slots} slot${setting.slots === 1 ? "" : "s"}: ${inOrder(setting)}.`).join("\n")}

![Calls and time until all are served, by jitter](figures/herd.svg)`,

  charts: (figures, measuredOn) => ({ "herd.svg": herdChart(figures, measuredOn) }),
};

function row({ slots, runs }: HerdSetting, strategy: Strategy): string {
  const calls = runs[strategy].map((run) => run.calls);
  const times = runs[strategy].map((run) => run.completedMs);
  return `| ${slots} | ${strategy} | ${spread(calls, 0)} | ${spread(times, 0)} |`;
}

/** The strategies by their medians, the fewest first. */
function inOrder({ runs }: HerdSetting): string {
  const by = (figure: (run: HerdRun) => number) =>
    [...strategies].sort((a, b) => median(runs[a].map(figure)) - median(runs[b].map(figure))).join(" < ");
  return `calls ${by(({ calls }) => calls)}, time ${by(({ completedMs }) => completedMs)}`;
}
