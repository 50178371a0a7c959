/** Charts as SVG, drawn without a browser. Used by the sections that plot. */
import * as echarts from "echarts";

const width = 880;

/** What the chart shows, and under it where it was measured. */
export function headline(text: string, measuredOn: string) {
  return {
    text,
    subtext: measuredOn,
    left: 12,
    top: 8,
    textStyle: { fontSize: 15 },
    subtextStyle: { fontSize: 11, color: "#4b5563", width: width - 30, overflow: "break" as const },
  };
}

export function drawn(height: number, option: echarts.EChartsOption): string {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, backgroundColor: "#ffffff", ...option });
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}
