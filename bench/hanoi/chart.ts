/** Memory and rate over the moves of one run, as SVG. */
import { drawn, headline } from "../svg.ts";
import type { HanoiFigures } from "./hanoi.ts";

export function hanoiChart({ disks, kills, points }: HanoiFigures, measuredOn: string): string {
  const panel = (
    index: number,
    title: string,
    name: string,
    of: (point: HanoiFigures["points"][number]) => number,
  ) => ({
    title: { text: title, left: 70, top: 74 + index * 240, textStyle: { fontSize: 13 } },
    grid: { left: 70, right: 30, top: 104 + index * 240, height: 160 },
    xAxis: {
      type: "value" as const,
      gridIndex: index,
      name: index === 1 ? "moves" : "",
      nameLocation: "middle" as const,
      nameGap: 28,
      min: 0,
      max: 2 ** disks,
      splitNumber: 8,
    },
    yAxis: { type: "value" as const, gridIndex: index, name, min: 0 },
    // A line a process: a kill is a gap.
    series: [...new Set(points.map(({ life }) => life))].map((life) => ({
      type: "line" as const,
      xAxisIndex: index,
      yAxisIndex: index,
      symbolSize: 3,
      color: life % 2 === 0 ? "#60a5fa" : "#2563eb",
      data: points.filter((point) => point.life === life).map((point) => [point.moves, of(point)]),
    })),
  });
  const panels = [
    panel(0, "Resident memory, MB", "MB", ({ rssMb }) => rssMb),
    panel(1, "Moves a second, each a checkpointed superstep", "", ({ movesPerSecond }) => movesPerSecond),
  ];
  return drawn(580, {
    title: [
      headline(
        `${disks} disks by votes of a simulated mover, killed ${kills} times (a colour a process)`,
        measuredOn,
      ),
      ...panels.map(({ title }) => title),
    ],
    grid: panels.map(({ grid }) => grid),
    xAxis: panels.map(({ xAxis }) => xAxis),
    yAxis: panels.map(({ yAxis }) => yAxis),
    series: panels.flatMap(({ series }) => series),
  });
}
