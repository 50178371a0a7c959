/** The herd as SVG: one point a seed, calls across and time up, both logarithmic. */

import { drawn, headline } from "../svg.ts";
import type { HerdFigures } from "./herd.ts";
import type { Strategy } from "./simulation.ts";

const colours: Record<Strategy, string> = {
  none: "#9ca3af",
  full: "#2563eb",
  equal: "#60a5fa",
  decorrelated: "#d97706",
};

export function herdChart({ clients, settings }: HerdFigures, measuredOn: string): string {
  const width = 400;
  const panels = settings.map(({ slots, runs }, panel) => ({
    title: {
      text: `${slots} slot${slots === 1 ? "" : "s"}`,
      left: 70 + panel * (width + 20),
      top: 100,
      textStyle: { fontSize: 13 },
    },
    grid: { left: 70 + panel * (width + 20), width: width - 60, top: 130, height: 250 },
    xAxis: {
      type: "log" as const,
      gridIndex: panel,
      name: "calls",
      nameLocation: "middle" as const,
      nameGap: 26,
      min: "dataMin" as const,
    },
    yAxis: {
      type: "log" as const,
      gridIndex: panel,
      name: panel === 0 ? "ms until all are served" : "",
      min: "dataMin" as const,
    },
    series: Object.entries(runs).map(([strategy, each]) => ({
      type: "scatter" as const,
      name: strategy,
      xAxisIndex: panel,
      yAxisIndex: panel,
      symbolSize: 5,
      itemStyle: { color: colours[strategy as Strategy], opacity: 0.6 },
      data: each.map(({ calls, completedMs }) => [calls, Math.round(completedMs)]),
    })),
  }));
  return drawn(430, {
    title: [
      headline(`${clients} clients at a small service, by jitter (simulated)`, measuredOn),
      ...panels.map(({ title }) => title),
    ],
    legend: { top: 72, left: 12, data: Object.keys(colours) },
    grid: panels.map(({ grid }) => grid),
    xAxis: panels.map(({ xAxis }) => xAxis),
    yAxis: panels.map(({ yAxis }) => yAxis),
    series: panels.flatMap(({ series }) => series),
  });
}
