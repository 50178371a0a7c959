/** Two panels: votes alone by the share of errors in common, and the remedies where half of them are. */
import { dpmo, residualError } from "#src/consensus/index.ts";
import { drawn, headline } from "../svg.ts";
import { type CorrelatedRow, ks, p, type Remedy, rate, remedies, shares } from "./settings.ts";

const colours = ["#2563eb", "#d97706", "#dc2626", "#059669", "#7c3aed"];
/** A logarithm has no place for none at all. */
const least = 0.5;

export function correlatedChart(rows: readonly CorrelatedRow[], measuredOn: string): string {
  const line = (name: string, panel: number, colour: string, data: number[], dashed = false) => ({
    type: "line" as const,
    name,
    xAxisIndex: panel,
    yAxisIndex: panel,
    data: data.map((value) => Math.max(value, least)),
    itemStyle: { color: colour },
    lineStyle: { color: colour, type: dashed ? ("dashed" as const) : ("solid" as const) },
    endLabel: { show: !dashed, formatter: "{a}", fontSize: 10, color: colour },
  });
  const byK = (share: number, remedy: Remedy) =>
    rows.filter((row) => row.correlated === share && row.remedy === remedy).map(rate);
  const series = [
    ...shares.map((share, at) =>
      line(`${100 * share} % in common`, 0, colours[at] ?? "", byK(share, "vote alone")),
    ),
    line(
      "formula",
      0,
      "#9ca3af",
      ks.map((k) => dpmo(residualError(k, p))),
      true,
    ),
    ...(Object.keys(remedies) as Remedy[]).map((remedy, at) =>
      line(remedy, 1, colours[at] ?? "", byK(shares[2], remedy)),
    ),
  ];
  const grid = [0, 1].map((panel) => ({ left: 70 + panel * 425, width: 250, top: 110, height: 260 }));
  return drawn(420, {
    title: [
      headline("Wrong decisions in a million, by k, where samples err together (simulated)", measuredOn),
      { text: "votes alone (dashed: the formula)", left: 70, top: 76, textStyle: { fontSize: 12 } },
      { text: "half of the errors in common", left: 495, top: 76, textStyle: { fontSize: 12 } },
    ],
    grid,
    xAxis: grid.map((_, gridIndex) => ({
      type: "category" as const,
      gridIndex,
      data: ks.map(String),
      name: "ahead by k",
      nameLocation: "middle" as const,
      nameGap: 26,
    })),
    yAxis: grid.map((_, gridIndex) => ({
      type: "log" as const,
      gridIndex,
      min: least,
    })),
    series,
  });
}
