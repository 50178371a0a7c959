/** The persistence figures as SVG, drawn without a browser. */
import { median } from "../statistics.ts";
import { drawn, headline } from "../svg.ts";
import type { AppendSeries } from "./append.ts";
import { type ContenderName, labels } from "./contenders.ts";
import type { SpeedFigures } from "./speed.ts";
import { inWords, ratios } from "./verdicts.ts";

const colours: Record<ContenderName, string> = {
  floor: "#9ca3af",
  bare: "#d1d5db",
  least: "#6b7280",
  stock: "#d97706",
  ours: "#2563eb",
  leased: "#60a5fa",
  sealed: "#a78bfa",
  dbos: "#7c3aed",
};

/** Bars with the median supersteps a second, and a line from the slowest round to the fastest. */
export function speedChart({ settings }: SpeedFigures, measuredOn: string): string {
  const names = (Object.keys(labels) as ContenderName[]).reverse(); // Categories count from below.
  const panels = settings.map((setting, panel) => {
    const bars = names.map((name) => {
      const perSecond = ratios(setting, (round) => 1e6 / round[name]);
      return { name, perSecond, middle: perSecond.length === 0 ? 0 : median(perSecond) };
    });
    const shown = ({ perSecond, middle }: (typeof bars)[number]) =>
      perSecond.length === 0 ? "not measured" : middle.toFixed(0);
    return {
      grid: { left: 330, right: 40, top: 100 + panel * 250, height: 190 },
      title: { text: inWords(setting), left: 330, top: 74 + panel * 250, textStyle: { fontSize: 13 } },
      xAxis: { type: "value" as const, gridIndex: panel, splitNumber: 4 },
      yAxis: {
        type: "category" as const,
        gridIndex: panel,
        data: bars.map((bar) => `${labels[bar.name]}:  ${shown(bar)}`),
        axisTick: { show: false },
      },
      series: [
        {
          type: "bar" as const,
          xAxisIndex: panel,
          yAxisIndex: panel,
          barWidth: "60%",
          data: bars.map(({ name, middle }) => ({ value: middle, itemStyle: { color: colours[name] } })),
        },
        ...bars.flatMap(({ perSecond }, i) =>
          perSecond.length === 0
            ? []
            : [
                {
                  type: "line" as const,
                  xAxisIndex: panel,
                  yAxisIndex: panel,
                  symbol: "rect",
                  symbolSize: [2, 10],
                  lineStyle: { color: "#111827", width: 1.5 },
                  itemStyle: { color: "#111827" },
                  data: [Math.min(...perSecond), Math.max(...perSecond)].map((value) => [value, i]),
                },
              ],
        ),
      ],
    };
  });
  return drawn(100 + settings.length * 250, {
    title: [
      headline("Supersteps a second, durability sync: median of the rounds, slowest to fastest", measuredOn),
      ...panels.map(({ title }) => title),
    ],
    grid: panels.map(({ grid }) => grid),
    xAxis: panels.map(({ xAxis }) => xAxis),
    yAxis: panels.map(({ yAxis }) => yAxis),
    series: panels.flatMap(({ series }) => series),
  });
}

/** The median of each hundred supersteps, on a logarithmic scale: equal growth is equal height. */
export function appendChart(append: readonly AppendSeries[], measuredOn: string): string {
  return drawn(476, {
    title: headline("ms per superstep while a thread appends 1 kB each time", measuredOn),
    grid: { left: 70, right: 30, top: 136, bottom: 50 },
    legend: { top: 76, left: 12, itemGap: 14, data: append.map(({ contender }) => labels[contender]) },
    xAxis: { type: "value", name: "appends", nameLocation: "middle", nameGap: 28, min: 0, max: "dataMax" },
    yAxis: { type: "log", name: "ms", nameLocation: "middle", nameGap: 36 },
    series: append.map(({ contender, rounds }) => ({
      type: "line",
      name: labels[contender],
      symbolSize: 5,
      color: colours[contender],
      data: (rounds[0]?.msPerStep ?? []).map((_, i) => [
        (i + 1) * 100,
        median(rounds.map(({ msPerStep }) => msPerStep[i] ?? Number.NaN)),
      ]),
    })),
  });
}
